package provider_test

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// target is the server that a lifecycle test runs against.
type target struct {
	endpoint, token, applicationID string
	// sandbox is nil if the target is a real server.
	sandbox *sandbox.Server
	// transport connects to the server; nil means real connections.
	transport http.RoundTripper
	// firstReads is how many reads of the import onRead does not count.
	firstReads int
}

// newTarget returns the server that PERMISSIONASSIST_ENDPOINT, _TOKEN and
// _TEST_APPLICATION_ID name, or else a sandbox.
func newTarget(t *testing.T) target {
	t.Helper()
	configured := target{
		endpoint:      os.Getenv("PERMISSIONASSIST_ENDPOINT"),
		token:         os.Getenv("PERMISSIONASSIST_TOKEN"),
		applicationID: os.Getenv("PERMISSIONASSIST_TEST_APPLICATION_ID"),
	}
	if configured.endpoint != "" && configured.token != "" && configured.applicationID != "" {
		return configured
	}
	return newSandboxTarget(t, sandbox.Options{})
}

// newSandboxTarget returns a sandbox with appID and the applications of o, for
// tests that control the server.
func newSandboxTarget(t *testing.T, o sandbox.Options) target {
	t.Helper()
	server, url := sandboxtest.Start(t, withApplication(o))
	return target{endpoint: url, token: token, applicationID: appID, sandbox: server}
}

// newFakeTarget is newSandboxTarget without real connections, for tests in fake
// time.
func newFakeTarget(t *testing.T, o sandbox.Options) target {
	t.Helper()
	server := sandbox.New(withApplication(o))
	t.Cleanup(server.Close)
	return target{
		endpoint: "https://pa.test", token: token, applicationID: appID, sandbox: server,
		transport: &sandboxtest.InProcess{Handler: server},
	}
}

func withApplication(o sandbox.Options) sandbox.Options {
	o.Token = token
	o.Applications = append(o.Applications, sandbox.Application{ID: appID, Name: appName, Priority: "Critical"})
	return o
}

// inFakeTime runs a subtest with a fake clock.
func inFakeTime(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, f)
	})
}

// onlyImport returns the only import on the server.
func (tg target) onlyImport(t *testing.T) sandbox.Import {
	t.Helper()
	imports := tg.sandbox.Imports()
	if len(imports) != 1 {
		t.Fatalf("the server has %d imports, want 1", len(imports))
	}
	return imports[0]
}

// expectCount fails the test unless the sandbox got n requests for op since the
// last reset.
func (tg target) expectCount(t *testing.T, op sandbox.Operation, n int) {
	t.Helper()
	if got := tg.sandbox.Count(op); got != n {
		t.Errorf("the server got %d %s requests, want %d", got, op, n)
	}
}

// setStatus changes the status of the only import.
func (tg target) setStatus(t *testing.T, status string) {
	t.Helper()
	tg.sandbox.UpdateImport(tg.onlyImport(t).ID, func(i *sandbox.Import) { i.Status = status })
}

// otherApplicationID makes a response name another application.
func otherApplicationID() sandbox.Action {
	return sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
		return status, bytes.ReplaceAll(body, []byte(appID), []byte(otherAppID))
	})
}

func notFound() sandbox.Action {
	return sandbox.Envelope(http.StatusNotFound, "not_found", "Application import not found")
}

// onRead calls change before the n-th read of an import.
func (tg target) onRead(n int, change func()) {
	reads := 0
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, When: func(sandbox.Request) bool {
		if reads++; reads == n+tg.firstReads {
			change()
		}
		return false
	}})
}

// interruptOn returns a context that is canceled, as by Ctrl-C, when the server
// gets the n-th request for op.
func interruptOn(t *testing.T, tg target, op sandbox.Operation, n int) context.Context {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	t.Cleanup(interrupt)

	requests := 0
	tg.sandbox.Inject(sandbox.Fault{Operation: op, When: func(sandbox.Request) bool {
		if requests++; requests == n {
			interrupt()
		}
		return false
	}})
	return ctx
}

// echoPage returns a proxy's page that contains the token.
func echoPage(status int) sandbox.Action {
	return sandbox.Respond(status, "text/html; charset="+token, "<html>You sent Bearer "+token+" &amp; "+token+"</html>",
		"X-Echo: "+token, "Set-Cookie: t="+token)
}

// echoEnvelope returns an API error that contains the token.
func echoEnvelope(status int, code string) sandbox.Action {
	return sandbox.Respond(status, "application/json", strings.NewReplacer("CODE", code, "TOKEN", token).Replace(
		`{"error":"CODE","message":"bad TOKEN","correlationId":"TOKEN","errors":[{"field":"TOKEN","message":"TOKEN"}]}`))
}

// stepOnRead makes the build job's next move on each read of the import.
func (tg target) stepOnRead() {
	tg.sandbox.HoldBuilds()
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, When: func(sandbox.Request) bool {
		tg.sandbox.StepBuild()
		return false
	}})
}

// requests are numbers of requests by operation.
type requests = map[sandbox.Operation]int

// expectRequests fails the test unless the sandbox got exactly these requests
// since the last reset, and resets it.
func (tg target) expectRequests(t *testing.T, what string, want requests) {
	t.Helper()
	if got := tg.sandbox.Counts(); !maps.Equal(got, want) {
		t.Errorf("%s took the requests %v, want %v", what, got, want)
	}

	tg.sandbox.ResetRequests()
}
