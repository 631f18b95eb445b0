//go:build unix

package provider_test

import (
	"os"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// A state that the last release without max_age wrote plans without a difference,
// and takes up max_age in place. Its import is finished, so no request is sent.
func TestAccMaxAge_stateOfEarlierRelease(t *testing.T) {
	t.Parallel()

	const arguments = "wait_for_completion = true\n triggers = { release = \"1\" }\n timeouts { create = \"5m\" }\n"
	const application = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e01"
	state, err := os.ReadFile("testdata/state_before_max_age.json")
	if err != nil {
		t.Fatal(err)
	}

	tg := newSandboxTarget(t, sandbox.Options{})
	w := newWorkspace(t, tg, importResource(application, arguments))
	w.write("terraform.tfstate", string(state))
	w.expectPlan(0)
	w.run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode", "-refresh=false")

	w.write("main.tf", w.providers()+importResource(application, `max_age = "1000000h"`+"\n"+arguments))
	expectText(t, w.apply(0), "0 added, 1 changed, 0 destroyed")
	w.expectPlan(0)
	tg.expectCount(t, "", 0)
}
