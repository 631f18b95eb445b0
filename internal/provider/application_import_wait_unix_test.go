//go:build unix

package provider_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const waitingImport = "wait_for_completion = true\n timeouts {\n create = \"2m\"\n update = \"2m\"\n }"

// After an interrupt, the import is in the state and not tainted, or was never
// staged. The next apply ends with one import.
func TestAccWait_interrupted(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		at     sandbox.Operation
		staged bool
		want   string
	}{
		"before the POST": {sandbox.OpListImports, false, "Staging was interrupted"},
		"during the POST": {sandbox.OpStage, true, "Stopped waiting for the import"},
		"while waiting":   {sandbox.OpGetImport, true, "Stopped waiting for the import"},
	} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(name+", "+signal.String(), func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{})
				tg.sandbox.HoldBuilds()
				w := newWorkspace(t, tg, importResource(appID, waitingImport))

				// The response comes a while after the signal, so that the request
				// is under way when Terraform stops the provider.
				tg.sandbox.Inject(sandbox.Fault{Operation: tc.at, Processed: true, Action: sandbox.Delay(time.Second)})

				output := w.interrupted(tc.at, 1, signal, applying...)
				expectText(t, output, tc.want)

				w.expectKnown(tc.staged)

				tg.sandbox.ReleaseBuilds()
				w.apply(0)

				if got := tg.onlyImport(t); got.Status != sandbox.StatusFinished {
					t.Errorf("the import is %s, want Finished", got.Status)
				}

				tg.expectCount(t, sandbox.OpCancel, 0)
			})
		}
	}
}

func TestAccWait_timeoutUntaintResume(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	w := newWorkspace(t, tg, importResource(appID, "wait_for_completion = true\n timeouts {\n create = \"1s\"\n update = \"1m\"\n }"))

	expectText(t, w.apply(1), "Without the untaint, the next apply replaces this import")

	if got := w.instances(); len(got) != 1 || got[0].Status != "tainted" {
		t.Fatalf("the state has %+v", got)
	}

	w.run(0, "untaint", address)

	if output := w.run(2, "plan", "-no-color", "-input=false", "-detailed-exitcode"); !strings.Contains(output, "updated in-place") {
		t.Error(output)
	}

	tg.releaseAfterPlan()
	w.apply(0)

	if got := tg.onlyImport(t); got.Status != sandbox.StatusFinished {
		t.Errorf("the import is %s, want Finished", got.Status)
	}

	w.expectPlan(0)
	tg.expectCount(t, sandbox.OpCancel, 0)
}
