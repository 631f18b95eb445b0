package provider_test

import (
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const invocable = `
action "permissionassist_stage_application_import" "now" {
  config {
    application_id      = "` + appID + `"
    wait_for_completion = true
  }
}
`

var invoking = []string{"apply", "-invoke", "action.permissionassist_stage_application_import.now"}

// An interrupted Terraform ends immediately, and its output names the staged
// import.
func TestAccStageAction_interrupted(t *testing.T) {
	t.Parallel()
	needs(t, 14, never)

	for name, at := range map[string]sandbox.Operation{"during the POST": sandbox.OpStage, "while waiting": sandbox.OpGetImport} {
		for _, signal := range stopSignals {
			t.Run(name+", "+signal.String(), func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{}).held()
				// The response is delayed, so that the request is under way
				// when Terraform stops the provider.
				tg.sandbox.Inject(sandbox.Fault{Operation: at, Processed: true, Action: sandbox.Delay(time.Second)})
				output := newWorkspace(t, tg, invocable).interrupted(at, 1, signal, invoking...)
				wantContains(t, output, "Stopped waiting for the import", "mport #1 of "+appName, tg.onlyImport(t).ID, "continues in Permission Assist")
				tg.wantRequests(t, requests{sandbox.OpCancel: 0})
			})
		}
	}
}
