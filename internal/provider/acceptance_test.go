package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/provider"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

const (
	// address is the address of the resource in most configurations.
	address = "permissionassist_application_import.test"
	// appID is an application that every sandbox has.
	appID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	// appName is its name.
	appName = "Jack Henry Silverlake"
	// token is the token that the sandboxes accept. The provider must never log
	// it, show it in a diagnostic or store it in a state.
	token = "pa_acceptance_s3cr3t"
)

// factories run the provider in the process of the test.
func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"permissionassist": func() (tfprotov6.ProviderServer, error) {
			return provider.NewServer("test", "", &provider.Secrets{})(), nil
		},
	}
}

// target is the server that a lifecycle test runs against.
type target struct {
	endpoint, token, applicationID string
	// sandbox is nil if the target is a real server.
	sandbox *sandbox.Server
	// transport connects to the server; nil means real connections.
	transport http.RoundTripper
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

// eventually waits until holds returns true.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()

	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()

	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline.C:
			t.Fatalf("this did not happen: %s", what)
		}
	}
}

// config adds a provider block to a configuration.
func (tg target) config(body string) string { return tg.configWith("", body) }

// configWith is config with more arguments of the provider.
func (tg target) configWith(arguments, body string) string {
	return fmt.Sprintf(`
provider "permissionassist" {
  endpoint = %q
  token    = %q
  %s
}
%s`, tg.endpoint, tg.token, arguments, body)
}

// imported returns a configuration with one import and these additional
// arguments.
func (tg target) imported(arguments string) string {
	return tg.config(importResource(tg.applicationID, arguments))
}

func importResource(applicationID, arguments string) string {
	return fmt.Sprintf(`
resource "permissionassist_application_import" "test" {
  application_id = %q
  %s
}
`, applicationID, arguments)
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

// imports is a state check that counts the imports on the server.
func (tg target) imports(n int) statecheck.StateCheck {
	return serverCheck(func() error {
		if tg.sandbox == nil {
			return nil
		}

		if got := len(tg.sandbox.Imports()); got != n {
			return fmt.Errorf("the server has %d imports, want %d", got, n)
		}

		return nil
	})
}

// requests is a state check that counts requests for op since the last reset.
func (tg target) requests(op sandbox.Operation, n int) statecheck.StateCheck {
	return serverCheck(func() error {
		if got := tg.sandbox.Count(op); got != n {
			return fmt.Errorf("the server got %d %s requests, want %d", got, op, n)
		}

		return nil
	})
}

// releaseAfterPlan resumes the builds when the apply reads the import, after
// the plan has read it.
func (tg target) releaseAfterPlan() {
	reads := 0

	tg.sandbox.Inject(sandbox.Fault{
		Operation: sandbox.OpGetImport,
		When: func(sandbox.Request) bool {
			if reads++; reads == 2 {
				tg.sandbox.ReleaseBuilds()
			}

			return false
		},
	})
}

// serverCheck is a state check of the server instead of the state.
type serverCheck func() error

func (c serverCheck) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = c()
}

// value is a state check of an attribute of the resource.
func value(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
}

// planned expects a planned action for the resource.
func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// expectCount fails the test unless the sandbox got n requests for op since the
// last reset.
func (tg target) expectCount(t *testing.T, op sandbox.Operation, n int) {
	t.Helper()

	if got := tg.sandbox.Count(op); got != n {
		t.Errorf("the server got %d %s requests, want %d", got, op, n)
	}
}

// text returns a regular expression for the text of a diagnostic, which
// Terraform wraps and prints with a border.
func text(s string) *regexp.Regexp {
	words := regexp.MustCompile(`\s+`).Split(s, -1)
	expression := ""

	for i, w := range words {
		if i > 0 {
			expression += `[\s│|]+`
		}

		expression += regexp.QuoteMeta(w)
	}

	return regexp.MustCompile(expression)
}
