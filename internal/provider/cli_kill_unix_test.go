//go:build unix

package provider_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// awaitOutput waits until Terraform has printed a text.
func (r *running) awaitOutput(part string) {
	r.t.Helper()

	eventually(r.t, "Terraform says "+part, func() bool {
		outputMu.Lock()
		defer outputMu.Unlock()

		return strings.Contains(r.output.String(), part)
	})
}

// interruptTwice sends a second Ctrl-C before the first takes effect. Terraform then kills the provider.
func (r *running) interruptTwice() {
	r.t.Helper()

	r.signal(syscall.SIGINT)
	r.awaitOutput("Interrupt received")
	r.signal(syscall.SIGINT)
	r.awaitOutput("Two interrupts received")
}

// A second Ctrl-C during the POST loses the import, because the provider is killed before the response arrives. The
// next apply does no harm, and the import can be found and adopted as the documentation describes.
func TestAccCLI_killedDuringThePost(t *testing.T) {
	t.Parallel()

	kill := func(t *testing.T, processed bool) (target, *workspace) {
		t.Helper()

		tg := newSandboxTarget(t, sandbox.Options{})
		tg.sandbox.HoldBuilds()
		w := newWorkspace(t, tg, importResource(appID, ""))

		// Longer than Terraform waits before it kills the provider.
		tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: processed, Action: sandbox.Delay(2 * time.Minute)})

		apply := w.start("apply", "-auto-approve", "-no-color", "-input=false")
		if err := tg.sandbox.AwaitCount(t.Context(), sandbox.OpStage, 1); err != nil {
			t.Fatal(err)
		}

		apply.interruptTwice()

		if code, output := apply.end(); code != 1 {
			t.Errorf("exit code %d, want 1:\n%s", code, output)
		}

		if got := w.instances(); len(got) != 0 {
			t.Fatalf("the state has %+v", got)
		}

		return tg, w
	}

	t.Run("the server had done it, applied again", func(t *testing.T) {
		t.Parallel()

		tg, w := kill(t, true)
		lost := tg.onlyImport(t)

		w.apply(0)

		// Terraform did not save the first import, so it stages a second one. Only the second is in the state, and the
		// first continues.
		imports, state := tg.sandbox.Imports(), w.instances()
		if len(imports) != 2 || len(state) != 1 || state[0].Attributes.ID != imports[1].ID || imports[0].ID != lost.ID {
			t.Fatalf("the server has %+v, the state %+v", imports, state)
		}

		if imports[0].Status != sandbox.StatusPending || imports[1].Status != sandbox.StatusPending {
			t.Errorf("the imports are %s and %s, want Pending", imports[0].Status, imports[1].Status)
		}

		w.run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
		tg.expectCount(t, sandbox.OpCancel, 0)
	})

	t.Run("the server had done it, imported", func(t *testing.T) {
		t.Parallel()

		tg, w := kill(t, true)
		lost := tg.onlyImport(t)

		w.run(0, "import", "-no-color", "-input=false", address, lost.ID)
		w.run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
		w.apply(0)
		w.expectKnown(true)
		tg.expectCount(t, sandbox.OpStage, 1)
		tg.expectCount(t, sandbox.OpCancel, 0)
	})

	t.Run("the server had not done it", func(t *testing.T) {
		t.Parallel()

		tg, w := kill(t, false)
		w.apply(0)
		w.expectKnown(true)
		w.run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
		tg.expectCount(t, sandbox.OpCancel, 0)
	})
}

// The response to the POST is lost, and Terraform is interrupted while the provider searches for the import.
func TestAccCLI_interruptedSearch(t *testing.T) {
	t.Parallel()

	for _, processed := range []bool{true, false} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(fmt.Sprintf("processed: %t, %s", processed, signal), func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{})
				tg.sandbox.HoldBuilds()
				w := newWorkspace(t, tg, importResource(appID, ""))

				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: processed, Action: sandbox.CloseConnection()})
				// The first read is the baseline.
				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Skip: 1, Action: sandbox.Delay(time.Second)})

				apply := w.start("apply", "-auto-approve", "-no-color", "-input=false")
				if err := tg.sandbox.AwaitCount(t.Context(), sandbox.OpListImports, 2); err != nil {
					t.Fatal(err)
				}

				apply.signal(signal)

				code, output := apply.end()
				if code != 1 {
					t.Errorf("exit code %d, want 1", code)
				}

				if !processed && !text("Import may have been staged").MatchString(output) {
					t.Errorf("the output does not say that the outcome is unknown:\n%s", output)
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

// After an interrupted destroy, the import is in the state or canceled, or both: a running import is never lost.
func TestAccCLI_interruptedDestroy(t *testing.T) {
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
					_ = syscall.Kill(-destroy.Process.Pid, syscall.SIGINT)
				}

				if code, output := destroy.end(); code != 1 {
					t.Errorf("exit code %d, want 1:\n%s", code, output)
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
