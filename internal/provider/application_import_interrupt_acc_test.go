package provider_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// A second Ctrl-C during the POST loses the import, because the provider is
// killed before the response arrives. The next apply does no harm, and the
// import can be found and adopted as the documentation describes.
func TestAccStage_killedDuringThePost(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		processed bool
		then      func(w *workspace, lost string)
	}{
		// Terraform did not save the first import, so it stages a second one.
		// Only the second is in the state, and the first continues.
		"the server had done it, applied again": {true, func(w *workspace, lost string) {
			w.apply(0)
			imports, state := w.target.sandbox.Imports(), w.instances()
			if len(imports) != 2 || len(state) != 1 || state[0].Attributes.ID != imports[1].ID || imports[0].ID != lost {
				w.t.Fatalf("the server has %+v, the state %+v", imports, state)
			}
			if imports[0].Status != sandbox.StatusPending || imports[1].Status != sandbox.StatusPending {
				w.t.Errorf("the imports are %s and %s, want Pending", imports[0].Status, imports[1].Status)
			}
		}},
		"the server had done it, imported": {true, func(w *workspace, lost string) {
			w.run(0, "import", address, lost)
			w.wantPlan(0)
			w.apply(0)
			w.wantKnown(true)
			w.target.wantRequests(w.t, requests{sandbox.OpStage: 1})
		}},
		"the server had not done it": {false, func(w *workspace, _ string) {
			w.apply(0)
			w.wantKnown(true)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{}).held()
			w := newWorkspace(t, tg, importResource(appID, ""))
			// Longer than Terraform waits before it kills the provider.
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: tc.processed, Action: sandbox.Delay(2 * time.Minute)})

			apply := w.start("apply")
			tg.awaitRequests(t, sandbox.OpStage, 1)
			apply.interruptTwice()
			if code, output := apply.end(); code != 1 || len(w.instances()) != 0 {
				t.Fatalf("exit code %d, the state has %+v\n%s", code, w.instances(), output)
			}

			lost := ""
			if tc.processed {
				lost = tg.onlyImport(t).ID
			}
			tc.then(w, lost)
			w.wantPlan(0)
			tg.wantRequests(t, requests{sandbox.OpCancel: 0})
		})
	}
}

// After an interrupt, the import is in the state and not tainted, or was never
// staged. The next apply ends with one import. TestCreate_interrupted has more
// moments.
func TestAccApplicationImport_interrupted(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		at     sandbox.Operation
		staged bool
		want   string
	}{
		"before the POST": {sandbox.OpListImports, false, "Staging was interrupted"},
		"during the POST": {sandbox.OpStage, true, "Interrupt received"},
		"while waiting":   {sandbox.OpGetImport, true, "Stopped waiting for the import"},
	} {
		for _, signal := range stopSignals {
			t.Run(name+", "+signal.String(), func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{}).held()
				w := newWorkspace(t, tg, waitingImport())
				// The response comes a while after the signal, so that the request is
				// under way when Terraform stops the provider.
				tg.sandbox.Inject(sandbox.Fault{Operation: tc.at, Processed: true, Action: sandbox.Delay(time.Second)})
				wantContains(t, w.interrupted(tc.at, 1, signal, "apply"), tc.want)
				w.wantKnown(tc.staged)
				w.wantResumed()
			})
		}
	}
}

// After an interrupted destroy, the import is in the state or canceled, or
// both: a running import is never lost.
func TestAccApplicationImport_interruptedDestroy(t *testing.T) {
	t.Parallel()

	for _, processed := range []bool{true, false} {
		for _, twice := range []bool{true, false} {
			t.Run(fmt.Sprintf("processed: %t, twice: %t", processed, twice), func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{}).held()
				w := newWorkspace(t, tg, importResource(appID, ""))
				w.apply(0)
				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Processed: processed, Action: sandbox.Delay(2 * time.Minute)})

				destroy := w.start("destroy")
				tg.awaitRequests(t, sandbox.OpCancel, 1)
				destroy.signal(syscall.SIGINT)
				if twice {
					destroy.awaitOutput("Interrupt received")
					// The first signal ends the request, so the second may come too late.
					_ = signalGroup(destroy.Process, syscall.SIGINT)
				}
				code, output := destroy.end()
				if code != 1 {
					t.Errorf("exit code %d, want 1:\n%s", code, output)
				}
				if twice && w.stateCutShort() {
					// The second signal ended the command while it was writing the state,
					// which no provider can prevent. The command must announce that.
					wantContains(t, output, "data loss may have occurred")
					return
				}

				// An import that was not canceled is in the state.
				if canceling := tg.onlyImport(t).Status == sandbox.StatusCanceling; canceling != processed {
					t.Errorf("the import is %s", tg.onlyImport(t).Status)
				} else if !canceling {
					w.wantKnown(true)
				}
				w.run(0, "destroy")
				if got := tg.onlyImport(t).Status; got != sandbox.StatusCanceling || len(w.instances()) != 0 {
					t.Errorf("in the end the import is %s, and the state has %+v", got, w.instances())
				}
				tg.wantRequests(t, requests{sandbox.OpStage: 1})
			})
		}
	}
}

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
