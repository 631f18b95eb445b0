package provider_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// A finished import is saved as the server reports it. After that, reading,
// changing settings and destroying send no request.
func TestCompletion_finished(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p := configuredProtocol(t, tg)
	state := p.cleanCreate()
	tg.settle(t)
	ended := p.cleanRead(state)
	c, config := p.completions(), completion(strings.ToUpper(ended.text("id")))

	tg.sandbox.ResetRequests()
	resp := c.apply(t.Context(), nil, config)
	wantClean(t, resp.Diagnostics)
	state = c.state(resp.NewState)
	state.wantValues(t, values{
		"import_id": strings.ToUpper(ended.text("id")), "log_lines": 20.0, "number": 1.0, "status": "Finished", "application_id": appID,
		"build_start": ended.text("build_start"), "build_end": ended.text("build_end"), "metrics": ended.text("metrics"),
	})
	tg.wantOnlyRequests(t, "waiting for a finished import", requests{sandbox.OpGetImport: 1})

	c.wantNoDifference("finished", state, config)
	state["metrics"] = nil // a server without the endpoint for one import
	changed := c.apply(t.Context(), state, values{"import_id": ended.text("id"), "log_lines": 0, "timeouts": timeouts("5m")})
	wantClean(t, changed.Diagnostics)
	c.state(changed.NewState).wantValues(t, values{"import_id": ended.text("id"), "log_lines": 0.0, "status": "Finished"})
	for _, other := range []any{appID, unknown} {
		if plan := c.plan(state, values{"import_id": other}); len(plan.RequiresReplace) != 1 {
			t.Errorf("the import %v is replaced for %v", other, plan.RequiresReplace)
		}
	}
	wantClean(t, c.destroy(state).Diagnostics)
	tg.wantOnlyRequests(t, "everything else", requests{})
}

// log_lines is how much of the log the error of a failed import shows, with its
// indentation.
func TestCompletion_logLines(t *testing.T) {
	t.Parallel()

	for lines, want := range map[int]string{0: "", 1: "\n | three\n", 2: "\n |   two\n | three\n", 200: "\n | one\n |   two\n | three\n"} {
		inFakeTime(t, strconv.Itoa(lines), func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, state := created(t, tg)
			tg.sandbox.UpdateImport(state.text("id"), func(i *sandbox.Import) { i.Status, i.Log = sandbox.StatusFailed, "one\n  two \nthree\n" })

			config := completion(state.text("id"))
			config["log_lines"] = lines
			got := wantSummaries(t, p.completions().apply(t.Context(), nil, config).Diagnostics, "ERROR: Import has failed")
			if !strings.Contains(got, want) || strings.Count(got, "| ") != strings.Count(want, "| ") {
				t.Errorf("want %q in:\n%s", want, got)
			}
		})
	}
}

// A completion that Ctrl-C ends saves nothing, and the next one goes on.
// Staging and canceling are up to the other resource.
func TestCompletion_interrupted(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "while waiting", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		p, state := created(t, tg)
		c, config := p.completions(), completion(state.text("id"))

		resp := c.apply(interruptOn(t, tg, sandbox.OpGetImport, 2), nil, config)
		got := wantSummaries(t, resp.Diagnostics, "ERROR: Stopped waiting for the import")
		wantContains(t, got, "Terraform was interrupted.", "continues in Permission Assist", "The next apply waits for this import again.")
		if c.state(resp.NewState) != nil {
			t.Errorf("saved is %v", c.state(resp.NewState))
		}

		tg.sandbox.ReleaseBuilds()
		wantClean(t, c.apply(t.Context(), nil, config).Diagnostics)
		tg.wantRequests(t, requests{sandbox.OpStage: 1, sandbox.OpCancel: 0})
	})
}

// Another run staged the import a moment ago, and the node lags.
func TestCompletion_notVisibleYet(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "found later", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		_, state := created(t, tg)
		imp := tg.onlyImport(t)
		tg.sandbox.RemoveImport(imp.ID)
		tg.sandbox.ResetRequests()
		time.AfterFunc(9*time.Minute, func() {
			imp.Status = sandbox.StatusFinished
			tg.sandbox.AddImport(imp)
		})

		wantClean(t, configuredProtocol(t, tg).completions().apply(t.Context(), nil, completion(state.text("id"))).Diagnostics)
		tg.wantRequests(t, requests{sandbox.OpListImports: 0})
	})
}
