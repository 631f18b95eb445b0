package provider_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/provider"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
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

// completionResource returns a resource that waits for the import.
func completionResource(arguments string) string {
	return fmt.Sprintf(`
resource "permissionassist_application_import_completion" "test" {
  import_id = permissionassist_application_import.test.id
  %s
}
`, arguments)
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

// commandVersion returns the version of the tests' Terraform or OpenTofu, such
// as "Terraform v1.11.4".
var commandVersion = sync.OnceValues(func() (string, error) {
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		terraform = "terraform"
	}

	out, err := exec.CommandContext(context.Background(), terraform, "version").Output()
	return regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v.*$`).FindString(string(out)), err
})

// needsTerraform114 skips a test unless it runs with Terraform 1.14 or later.
// OpenTofu has other version numbers and lacks these features.
func needsTerraform114(t *testing.T) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	text, err := commandVersion()
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^Terraform v(1\.(1[4-9]|[2-9]\d)|[2-9])\.`).MatchString(text) {
		t.Skipf("%s does not have this feature: it needs Terraform 1.14", text)
	}
}

func lifecycle(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: steps})
}
