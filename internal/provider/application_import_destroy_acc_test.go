package provider_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// After an interrupted destroy, the import is in the state or canceled, or both: a running import is never lost.
func TestAccApplicationImport_interruptedDestroy(t *testing.T) {
	t.Parallel()

	for _, processed := range []bool{true, false} {
		for _, twice := range []bool{true, false} {
			t.Run(fmt.Sprintf("processed: %t, twice: %t", processed, twice), func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{})
				tg.sandbox.HoldBuilds()
				w := newWorkspace(t, tg, importResource(appID, ""))
				w.apply(0)

				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Processed: processed, Action: sandbox.Delay(2 * time.Minute)})

				destroy := w.start("destroy", "-auto-approve", "-no-color", "-input=false")
				if err := tg.sandbox.AwaitCount(t.Context(), sandbox.OpCancel, 1); err != nil {
					t.Fatal(err)
				}

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
					expectText(t, output, "data loss may have occurred")
					return
				}

				// An import that was not canceled is in the state.
				canceling := tg.onlyImport(t).Status == sandbox.StatusCanceling
				if canceling != processed {
					t.Errorf("the import is %s", tg.onlyImport(t).Status)
				}

				if !canceling {
					w.expectKnown(true)
				}

				w.run(0, "destroy", "-auto-approve", "-no-color", "-input=false")

				if got := tg.onlyImport(t).Status; got != sandbox.StatusCanceling || len(w.instances()) != 0 {
					t.Errorf("in the end the import is %s, and the state has %+v", got, w.instances())
				}

				tg.expectCount(t, sandbox.OpStage, 1)
			})
		}
	}
}
