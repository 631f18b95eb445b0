//go:build unix

package provider_test

import (
	"syscall"
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

var invoke = []string{"apply", "-auto-approve", "-no-color", "-input=false", "-invoke=action.permissionassist_stage_application_import.now"}

func TestAccCLI_invoke(t *testing.T) {
	t.Parallel()
	needsTerraform114(t)

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.stepOnRead()

	output := newWorkspace(t, tg, invocable).run(0, invoke...)
	for _, want := range []string{"Staged import #1 of " + appName, "Import #1 of " + appName + ": Running", "Import #1 of " + appName + ": Finished"} {
		if !text(want).MatchString(output) {
			t.Errorf("%q is missing in:\n%s", want, output)
		}
	}
}

// An interrupted Terraform ends immediately, and its output names the staged
// import.
func TestAccCLI_invokeInterrupted(t *testing.T) {
	t.Parallel()
	needsTerraform114(t)

	for name, at := range map[string]sandbox.Operation{"during the POST": sandbox.OpStage, "while waiting": sandbox.OpGetImport} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(name+", "+signal.String(), func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{})
				tg.sandbox.HoldBuilds()
				// The response is delayed, so that the request is under way
				// when Terraform stops the provider.
				tg.sandbox.Inject(sandbox.Fault{Operation: at, Processed: true, Action: sandbox.Delay(time.Second)})

				apply := newWorkspace(t, tg, invocable).start(invoke...)
				if err := tg.sandbox.AwaitCount(t.Context(), at, 1); err != nil {
					t.Fatal(err)
				}

				apply.signal(signal)

				code, output := apply.end()
				if code != 1 {
					t.Errorf("exit code %d, want 1", code)
				}

				for _, want := range []string{"Stopped waiting for the import", "import #1 of " + appName, tg.onlyImport(t).ID, "continues in Permission Assist"} {
					if !text(want).MatchString(output) {
						t.Errorf("%q is missing in:\n%s", want, output)
					}
				}

				tg.expectCount(t, sandbox.OpCancel, 0)
			})
		}
	}
}
