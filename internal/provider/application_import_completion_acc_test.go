package provider_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// waitingImport is an import with its completion.
func waitingImport() string {
	return importResource(appID, "") + completionResource("timeouts {\n create = \"2m\"\n }")
}

// wantResumed releases the builds and applies again. It wants that to finish the
// only import, after this number of POSTs in all, and without a cancellation.
func (w *workspace) wantResumed(posts int) {
	w.t.Helper()
	tg := w.target
	tg.sandbox.ReleaseBuilds()
	w.apply(0)
	if got := tg.onlyImport(w.t); got.Status != sandbox.StatusFinished {
		w.t.Errorf("the import is %s, want Finished", got.Status)
	}
	w.wantKnown(true)
	w.wantPlan(0)
	tg.wantRequests(w.t, requests{sandbox.OpStage: posts, sandbox.OpCancel: 0})
}

// A Terraform that is killed while it waits has the import in the state. The next
// apply waits for it.
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
			w.wantResumed(1)
		})
	}
}

// Many completions wait at the same time, and one that fails stops none of the
// others. The next apply says so again, and stages nothing unless it may.
func TestAccCompletion_forEach(t *testing.T) {
	t.Parallel()

	const failing = 3
	options, ids := sandbox.Options{}, []string{}
	for i := range 8 {
		id := fmt.Sprintf("3f2504e0-4f89-41d3-9a0c-%012x", i)
		ids = append(ids, fmt.Sprintf("%q", id))
		options.Applications = append(options.Applications, sandbox.Application{ID: id, Name: fmt.Sprint("App ", i), FailBuilds: i == failing})
	}
	config := func(restages bool) string {
		return fmt.Sprintf(`
resource "permissionassist_application_import" "test" {
  for_each           = toset([%s])
  application_id     = each.key
  restage_on_failure = %t
}
resource "permissionassist_application_import_completion" "test" {
  for_each  = permissionassist_application_import.test
  import_id = each.value.id
}
`, strings.Join(ids, ","), restages)
	}
	tg := newSandboxTarget(t, options)
	w := newWorkspace(t, tg, config(false))

	for range 2 {
		output := w.apply(1)
		wantContains(t, output, "Error: Import has failed", "of App 3")
		wantErrors(t, output, 1)
		w.wantStaged(8)
	}

	tg.sandbox.UpdateApplication(fmt.Sprintf("3f2504e0-4f89-41d3-9a0c-%012x", failing), func(a *sandbox.Application) { a.FailBuilds = false })
	w.configure(config(true))
	wantContains(t, w.apply(0), "of App 3 failed: this plan stages a new one")
	w.wantStaged(9)
	w.wantPlan(0)
	tg.wantRequests(t, requests{sandbox.OpCancel: 0})
}
