package provider_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"testing"

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
	// address is the resource that most configurations of the tests have.
	address = "permissionassist_application_import.test"
	// appID is an application of every sandbox that the tests start.
	appID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	// appName is its name.
	appName = "Jack Henry Silverlake"
	// token is what the sandboxes of the tests accept. No test may find it in
	// anything that the provider lets out.
	token = "pa_acceptance_s3cr3t"
)

// factories run the provider in the test's own process.
func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"permissionassist": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test", "")(), nil },
	}
}

// target is the server that a lifecycle test runs against.
type target struct {
	endpoint, token, applicationID string
	// sandbox is nil where the target is a real server.
	sandbox *sandbox.Server
}

// newTarget is the server that PERMISSIONASSIST_ENDPOINT, _TOKEN and
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

// newSandboxTarget is a sandbox with one application more than o says. For
// tests that have to steer the server.
func newSandboxTarget(t *testing.T, o sandbox.Options) target {
	t.Helper()

	o.Token = token
	o.Applications = append(o.Applications, sandbox.Application{ID: appID, Name: appName, Priority: "Critical"})
	server, url := sandboxtest.Start(t, o)

	return target{endpoint: url, token: token, applicationID: appID, sandbox: server}
}

// config puts a provider block in front of a configuration.
func (tg target) config(body string) string { return tg.configWith("", body) }

// configWith is config with further arguments of the provider.
func (tg target) configWith(arguments, body string) string {
	return fmt.Sprintf(`
provider "permissionassist" {
  endpoint = %q
  token    = %q
  %s
}
%s`, tg.endpoint, tg.token, arguments, body)
}

// imported is a configuration of one import with these further arguments.
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

// onlyImport is the one import that the sandbox has.
func (tg target) onlyImport(t *testing.T) sandbox.Import {
	t.Helper()

	imports := tg.sandbox.Imports()
	if len(imports) != 1 {
		t.Fatalf("the server has %d imports, want 1", len(imports))
	}

	return imports[0]
}

// imports is a state check that counts the imports of the server.
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

// requests is a state check that counts requests of a kind since the last reset.
func (tg target) requests(op sandbox.Operation, n int) statecheck.StateCheck {
	return serverCheck(func() error {
		if got := tg.sandbox.Count(op); got != n {
			return fmt.Errorf("the server got %d %s requests, want %d", got, op, n)
		}

		return nil
	})
}

// releaseAfterPlan lets the held builds go on once the next plan has read the
// import, and the apply reads it.
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

// serverCheck looks at the server where other state checks look at the state.
type serverCheck func() error

// CheckState implements statecheck.StateCheck.
func (c serverCheck) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = c()
}

// value is a state check of an attribute of the resource.
func value(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
}

// planned is what a step expects Terraform to do with the resource.
func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// expectCount fails the test unless the sandbox got that many requests of a
// kind since the last reset.
func (tg target) expectCount(t *testing.T, op sandbox.Operation, n int) {
	t.Helper()

	if got := tg.sandbox.Count(op); got != n {
		t.Errorf("the server got %d %s requests, want %d", got, op, n)
	}
}

// text makes an expression for what a diagnostic says, which Terraform wraps
// and draws a border along.
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
