package provider_test

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// waitingImport is an import with its completion.
func waitingImport() string {
	return importResource(appID, "") + completionResource("timeouts {\n create = \"2m\"\n }")
}

// wantResumed releases the builds and applies again. It wants that to finish
// the only import, after one POST in all, and without a cancellation.
func (w *workspace) wantResumed() {
	w.t.Helper()
	tg := w.target
	tg.sandbox.ReleaseBuilds()
	w.apply(0)
	if got := tg.onlyImport(w.t); got.Status != sandbox.StatusFinished {
		w.t.Errorf("the import is %s, want Finished", got.Status)
	}
	w.wantKnown(true)
	w.wantPlan(0)
	tg.wantRequests(w.t, requests{sandbox.OpStage: 1, sandbox.OpCancel: 0})
}

// A Terraform that is killed while it waits has the import in the state. The
// next apply waits for it.
func TestAccCompletion_killed(t *testing.T) {
	t.Parallel()

	for reads := 1; reads <= 3; reads++ {
		t.Run(fmt.Sprintf("read %d", reads), func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{}).held()
			w := newWorkspace(t, tg, waitingImport())

			before := 0
			if theTool(t).openTofu {
				// OpenTofu 1.12 saves a local state as seldom as a remote one
				// (internal/backend/local/hook_state.go), so the guide applies twice.
				w.apply(0, "-target", address)
				before = tg.sandbox.Count(sandbox.OpGetImport)
			}
			apply := w.start("apply")
			tg.awaitRequests(t, sandbox.OpGetImport, before+reads)
			apply.signal(syscall.SIGKILL)
			apply.end()

			w.wantKnown(true)
			w.wantResumed()
		})
	}
}
