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
	"time"

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

// newSeedTarget returns a sandbox with the built-in applications, whose builds
// take this long.
func newSeedTarget(t *testing.T, buildTime time.Duration) target {
	t.Helper()
	server, url := sandboxtest.Start(t, sandbox.Options{Token: token, Applications: sandbox.SeedApplications(), BuildTime: buildTime})
	return target{endpoint: url, token: token, sandbox: server}
}

func withApplication(o sandbox.Options) sandbox.Options {
	o.Token = token
	o.Applications = append(o.Applications, sandbox.Application{ID: appID, Name: appName, Priority: "Critical"})
	return o
}

// held stops the builds, so that imports stay Pending.
func (tg target) held() target {
	tg.sandbox.HoldBuilds()
	return tg
}

// addImport adds an import of appID with this status.
func (tg target) addImport(status string) sandbox.Import {
	return tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: status})
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

// onRequest calls change before the n-th request for op is handled, or before
// each one if n is 0.
func (tg target) onRequest(op sandbox.Operation, n int, change func()) {
	requests := 0
	tg.sandbox.Inject(sandbox.Fault{Operation: op, When: func(sandbox.Request) bool {
		if requests++; requests == n || n == 0 {
			change()
		}
		return false
	}})
}

// onRead calls change before the n-th read of an import.
func (tg target) onRead(n int, change func()) {
	tg.onRequest(sandbox.OpGetImport, n+tg.firstReads, change)
}

// interruptOn returns a context that is canceled, as by Ctrl-C, when the server
// gets the n-th request for op.
func interruptOn(t *testing.T, tg target, op sandbox.Operation, n int) context.Context {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	t.Cleanup(interrupt)

	tg.onRequest(op, n, interrupt)
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
	tg.held().onRequest(sandbox.OpGetImport, 0, func() { tg.sandbox.StepBuild() })
}

// requests are numbers of requests by operation.
type requests = map[sandbox.Operation]int

// wantRequests compares the numbers of requests for these operations since the
// last reset.
func (tg target) wantRequests(t *testing.T, want requests) {
	t.Helper()
	for op, n := range want {
		if got := tg.sandbox.Count(op); got != n {
			t.Errorf("the server got %d %s requests, want %d", got, op, n)
		}
	}
}

// wantOnlyRequests fails the test unless the sandbox got exactly these requests
// since the last reset, and resets it.
func (tg target) wantOnlyRequests(t *testing.T, what string, want requests) {
	t.Helper()
	if got := tg.sandbox.Counts(); !maps.Equal(got, want) {
		t.Errorf("%s took the requests %v, want %v", what, got, want)
	}
	tg.sandbox.ResetRequests()
}

// awaitRequests waits until the server got n requests for op.
func (tg target) awaitRequests(t *testing.T, op sandbox.Operation, n int) {
	t.Helper()
	if err := tg.sandbox.AwaitCount(t.Context(), op, n); err != nil {
		t.Fatal(err)
	}
}

// settle waits until every build has ended.
func (tg target) settle(t *testing.T) {
	t.Helper()
	if err := tg.sandbox.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}
