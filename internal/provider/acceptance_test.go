package provider_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/provider"
)

const (
	// address is the address of the resource in most configurations.
	address = resourceType + ".test"
	// completionAddress is the address of the completion that waits for it.
	completionAddress = completionType + ".test"
	// appID is an application that every sandbox has.
	appID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	// appName is its name.
	appName = "Jack Henry Silverlake"
	// token is the token that the sandboxes accept. The provider must never log
	// it, show it in a diagnostic or store it in a state.
	token = "pa_acceptance_s3cr3t"
)

// lifecycle runs the steps with a real Terraform, and the provider in the
// process of the test.
func lifecycle(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{Steps: steps, ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
		"permissionassist": func() (tfprotov6.ProviderServer, error) {
			return provider.NewServer("test", "", &provider.Secrets{})(), nil
		},
	}})
}

// step applies a configuration. It wants a planned action for the resource,
// unless that is empty.
func step(config string, action plancheck.ResourceActionType, checks ...statecheck.StateCheck) resource.TestStep {
	s := resource.TestStep{Config: config, ConfigStateChecks: checks}
	if action != "" {
		s.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}
	}
	return s
}

// failingStep applies a configuration and wants an error with this text.
func failingStep(config, want string) resource.TestStep {
	return resource.TestStep{Config: config, ExpectError: errorText(want)}
}

// errorText matches the text of a diagnostic, however Terraform wraps it.
func errorText(s string) *regexp.Regexp {
	return regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(s), " ", wrapping.String()))
}

// config adds a provider block to a configuration.
func (tg target) config(body string) string {
	return fmt.Sprintf("provider \"permissionassist\" {\n endpoint = %q\n token = %q\n}\n%s", tg.endpoint, tg.token, body)
}

// configImport returns a configuration with one import and these additional
// arguments.
func (tg target) configImport(arguments string) string {
	return tg.config(importResource(tg.applicationID, arguments))
}

func block(kind, typeName, name, arguments string) string {
	return fmt.Sprintf("%s %q %q {\n %s\n}\n", kind, typeName, name, arguments)
}

func importResource(applicationID, arguments string) string {
	return block("resource", resourceType, "test", fmt.Sprintf("application_id = %q\n %s", applicationID, arguments))
}

// importBlock returns a block that imports the resource.
func importBlock(id string) string {
	return fmt.Sprintf("import {\n to = %s\n id = %q\n}\n", address, id)
}

// completionResource returns a resource that waits for the import.
func completionResource(arguments string) string {
	return block("resource", completionType, "test", "import_id = "+address+".id\n "+arguments)
}

// upstream returns a resource whose output is known only after it was applied.
func upstream(input string) string {
	return block("resource", "terraform_data", "upstream", fmt.Sprintf("input = %q", input))
}

const (
	upstreamOutput = "terraform_data.upstream.output"
	// anything is the value of an attribute that is not null.
	anything = "<not null>"
)

// stateCheck is a check after an apply.
type stateCheck func(context.Context, statecheck.CheckStateRequest, *statecheck.CheckStateResponse)

func (c stateCheck) CheckState(ctx context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	c(ctx, req, resp)
}

// wantState is a state check of attributes, which can have the value anything.
func wantState(address string, want values) statecheck.StateCheck {
	return stateCheck(func(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
		var attributes map[string]any
		for _, r := range req.State.Values.RootModule.Resources {
			if r.Address == address {
				attributes = r.AttributeValues
			}
		}

		for name, value := range want {
			if got := attributes[name]; fmt.Sprint(got) != fmt.Sprint(value) && (value != anything || got == nil) {
				resp.Error = fmt.Errorf("%s.%s is %v, want %v", address, name, got, value)
			}
		}
	})
}

// wantImports is a state check that counts the imports on the server.
func (tg target) wantImports(n int) statecheck.StateCheck {
	return stateCheck(func(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
		if tg.sandbox == nil {
			return
		}
		if got := len(tg.sandbox.Imports()); got != n {
			resp.Error = fmt.Errorf("the server has %d imports, want %d", got, n)
		}
	})
}

// tool is a version of Terraform or OpenTofu: minor is the 11 of 1.11.4.
type tool struct {
	openTofu bool
	minor    int
}

var readTool = sync.OnceValues(func() (tool, error) {
	version, err := exec.CommandContext(context.Background(), terraformPath(), "version").Output()
	if err != nil {
		return tool{}, err
	}
	number := regexp.MustCompile(`v1\.(\d+)\.`).FindStringSubmatch(string(version))
	if number == nil {
		return tool{}, fmt.Errorf("no version in %s", version)
	}
	minor, err := strconv.Atoi(number[1])
	return tool{strings.Contains(string(version), "OpenTofu"), minor}, err
})

func terraformPath() string {
	if terraform := os.Getenv("TF_ACC_TERRAFORM_PATH"); terraform != "" {
		return terraform
	}
	return "terraform"
}

// theTool returns the tool that the tests run. It skips tests without one.
func theTool(t *testing.T) tool {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	found, err := readTool()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// never is the version of a feature that OpenTofu does not have.
const never = 1000

func (v tool) has(terraformMinor, openTofuMinor int) bool {
	return v.openTofu && v.minor >= openTofuMinor || !v.openTofu && v.minor >= terraformMinor
}

// needs skips a test unless it runs with these minor versions or later.
func needs(t *testing.T, terraformMinor, openTofuMinor int) {
	t.Helper()
	if !theTool(t).has(terraformMinor, openTofuMinor) {
		t.Skip("this feature needs another version")
	}
}
