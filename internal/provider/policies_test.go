package provider_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// The policy of the guide accepts our examples, and refuses what the guide says
// that it refuses. "make check" sets OPA to the path of the program.
func TestAccPolicies(t *testing.T) {
	t.Parallel()

	opa := os.Getenv("OPA")
	if opa == "" {
		t.Skip("OPA is not set: make check-policies")
	}

	for _, example := range []string{"critical-applications", "deployment-gate", "nightly-refresh", "bound-upload"} {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			exampleWorkspace(t, "../../examples/"+example).expectDenied(opa)
		})
	}

	t.Run("refused", func(t *testing.T) {
		t.Parallel()

		server, url := sandboxtest.Start(t, sandbox.Options{Token: token, Applications: sandbox.SeedApplications()})
		w := newWorkspace(t, target{endpoint: url, token: token, sandbox: server}, `
provider "permissionassist" {
  insecure_skip_verify = true
  allow_insecure_http  = true
}

data "permissionassist_application" "critical" {
  name = "`+server.Applications()[0].Name+`"
}

resource "permissionassist_application_import" "critical" {
  application_id = data.permissionassist_application.critical.id
}

resource "permissionassist_application_import" "not_looked_up" {
  application_id = "`+server.Applications()[1].ID+`"
}
`)
		w.expectDenied(opa,
			"permissionassist_application_import.critical: the application is critical, but no completion waits for the import",
			"permissionassist_application_import.not_looked_up: look the application up with a data source, so that the plan has its priority",
			"provider permissionassist: allow_insecure_http is set",
			"provider permissionassist: insecure_skip_verify is set",
		)
	})
}

// expectDenied fails the test unless the policy denies a plan with these
// messages.
func (w *workspace) expectDenied(opa string, want ...string) {
	w.t.Helper()
	w.run(0, "plan", "-no-color", "-input=false", "-out", "plan.tfplan")
	show := w.start("show", "-json", "plan.tfplan")
	if code, output := show.end(); code != 0 {
		w.t.Fatal(output)
	}
	w.write("plan.json", show.stdout.String())

	policy, err := filepath.Abs("../../examples/policies")
	if err != nil {
		w.t.Fatal(err)
	}
	eval := exec.CommandContext(w.t.Context(), opa, "eval", "--format=raw", "--data", policy, "--input", filepath.Join(w.dir, "plan.json"),
		"data.permissionassist.deny")
	output, err := eval.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%v: %s", err, output)
	}
	var got []string
	if err := json.Unmarshal(output, &got); err != nil {
		w.t.Fatalf("%v: %s", err, output)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.t.Errorf("the policy denies %q, want %q", got, want)
	}
}
