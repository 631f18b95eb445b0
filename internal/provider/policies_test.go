package provider_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
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
			exampleWorkspace(t, "../../examples/"+example).wantDenied(opa)
		})
	}

	t.Run("refused", func(t *testing.T) {
		t.Parallel()

		tg := newSeedTarget(t, 0)
		applications := tg.sandbox.Applications()
		w := newWorkspace(t, tg, `
provider "permissionassist" {
  insecure_skip_verify = true
  allow_insecure_http  = true
}

data "permissionassist_application" "critical" {
  name = "`+applications[0].Name+`"
}

resource "permissionassist_application_import" "critical" {
  application_id = data.permissionassist_application.critical.id
}

resource "permissionassist_application_import" "not_looked_up" {
  application_id = "`+applications[1].ID+`"
}
`)
		w.wantDenied(opa,
			"permissionassist_application_import.critical: the application is critical, but no completion waits for the import",
			"permissionassist_application_import.not_looked_up: look the application up with a data source, so that the plan has its priority",
			"provider permissionassist: allow_insecure_http is set",
			"provider permissionassist: insecure_skip_verify is set",
		)
	})
}

// wantDenied fails the test unless the policy denies a plan with these
// messages.
func (w *workspace) wantDenied(opa string, want ...string) {
	w.t.Helper()
	w.plan()
	w.write("plan.json", w.run(0, "show", "-json", "saved.tfplan"))
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
