package provider_test

import (
	"fmt"
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
			w.run(0, "import", "-no-color", "-input=false", address, lost)
			w.expectPlan(0)
			w.apply(0)
			w.expectKnown(true)
			w.target.expectCount(w.t, sandbox.OpStage, 1)
		}},
		"the server had not done it": {false, func(w *workspace, _ string) {
			w.apply(0)
			w.expectKnown(true)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			w := newWorkspace(t, tg, importResource(appID, ""))
			// Longer than Terraform waits before it kills the provider.
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: tc.processed, Action: sandbox.Delay(2 * time.Minute)})

			apply := w.start(applying...)
			if err := tg.sandbox.AwaitCount(t.Context(), sandbox.OpStage, 1); err != nil {
				t.Fatal(err)
			}
			apply.interruptTwice()
			if code, output := apply.end(); code != 1 || len(w.instances()) != 0 {
				t.Fatalf("exit code %d, the state has %+v\n%s", code, w.instances(), output)
			}

			lost := ""
			if tc.processed {
				lost = tg.onlyImport(t).ID
			}
			tc.then(w, lost)
			w.expectPlan(0)
			tg.expectCount(t, sandbox.OpCancel, 0)
		})
	}
}

// The response to the POST is lost, and Terraform is interrupted while the provider searches for the import.
func TestAccStage_interruptedSearch(t *testing.T) {
	t.Parallel()

	for _, processed := range []bool{true, false} {
		for _, signal := range stopSignals {
			t.Run(fmt.Sprintf("processed: %t, %s", processed, signal), func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{})
				tg.sandbox.HoldBuilds()
				w := newWorkspace(t, tg, importResource(appID, ""))

				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: processed, Action: sandbox.CloseConnection()})
				// The first read is the baseline.
				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Skip: 1, Action: sandbox.Delay(time.Second)})

				output := w.interrupted(sandbox.OpListImports, 2, signal, applying...)
				if !processed {
					expectText(t, output, "Import may have been staged")
				}

				w.expectKnown(processed)
				tg.expectCount(t, sandbox.OpStage, 1)
				w.apply(0)
				w.expectKnown(true)
				tg.expectCount(t, sandbox.OpCancel, 0)
			})
		}
	}
}
