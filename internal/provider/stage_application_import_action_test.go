package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// The action names the import and, if it waits, reports each change of the
// status.
func TestStageAction(t *testing.T) {
	t.Parallel()

	const name = "mport #1 of " + appName
	for waits, reports := range map[bool][]string{false: nil, true: {"I" + name + ": Running", "I" + name + ": Finished"}} {
		inFakeTime(t, fmt.Sprintf("waits: %t", waits), func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			tg.stepOnRead()
			result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, staging(waits))
			wantClean(t, result.diagnostics)
			want := append([]string{"Staged i" + name + " (ID " + tg.onlyImport(t).ID + "): Pending"}, reports...)
			if diff := cmp.Diff(want, result.progress); diff != "" {
				t.Error(diff)
			}
			tg.wantRequests(t, requests{sandbox.OpGetImport: len(reports)})
		})
	}
}

// The action joins a pending import only if it may.
func TestStageAction_joins(t *testing.T) {
	t.Parallel()

	for joins, want := range map[bool]string{true: "Nothing was staged: joined #1", false: "Staged import #2"} {
		tg := newSandboxTarget(t, sandbox.Options{}).held()
		tg.addImport(sandbox.StatusPending)
		result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{"application_id": appID, "join_pending": joins})
		wantContains(t, strings.Join(result.progress, "\n"), want)
		wantContains(t, details(result.diagnostics), map[bool]string{false: "set join_pending = true"}[joins])
	}
}

// If an import may have been staged, the action names it or advises what to do
// next.
func TestStageAction_faults(t *testing.T) {
	t.Parallel()

	for want, fault := range map[sandboxtest.StageOutcome]sandbox.Fault{
		sandboxtest.Recovered: {Action: sandbox.HalfResponse(), Processed: true},
		sandboxtest.NotStaged: {Action: sandbox.Envelope(422, "unprocessable_entity", "No schedule")},
		sandboxtest.Uncertain: {Action: sandbox.HalfResponse()},
		sandboxtest.Ambiguous: {Action: sandbox.Envelope(500, "server_error", "Down"), Processed: true},
	} {
		inFakeTime(t, string(want), func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			fault.Operation = sandbox.OpStage
			tg.sandbox.Inject(fault)

			result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, staging(false))
			got := wantSummaries(t, result.diagnostics, stageSummaries[want])
			if (len(result.progress) > 0) != (want == sandboxtest.Recovered) {
				t.Errorf("the progress is %q", result.progress)
			}
			for _, imp := range tg.sandbox.Imports() {
				wantContains(t, got, imp.ID)
			}
			if want == sandboxtest.Uncertain || want == sandboxtest.Ambiguous {
				wantContains(t, got, "invoke the action again")
			}
			wantNotContains(t, got, "terraform import", "terraform apply")
			tg.wantRequests(t, requests{sandbox.OpStage: 1})
		})
	}
}

// The diagnostic names the staged import, because Terraform no longer shows
// progress.
func TestStageAction_interrupted(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		at      sandbox.Operation
		waits   bool
		want    string
		imports int
	}{
		"before the POST":          {sandbox.OpListImports, true, "ERROR: Staging was interrupted", 0},
		"during the POST":          {sandbox.OpStage, true, "ERROR: Stopped waiting for the import", 1},
		"during the POST, no wait": {sandbox.OpStage, false, "WARNING: Import was staged", 1},
		"while waiting":            {sandbox.OpGetImport, true, "ERROR: Stopped waiting for the import", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{}).held()
			result := configuredProtocol(t, tg).invoke(interruptOn(t, tg, tc.at, 1), stageAction, staging(tc.waits))
			got := wantSummaries(t, result.diagnostics, tc.want)
			if n := len(tg.sandbox.Imports()); n != tc.imports {
				t.Fatalf("the server has %d imports, want %d", n, tc.imports)
			}
			if tc.imports == 1 {
				wantContains(t, got, "mport #1 of "+appName+" (ID "+tg.onlyImport(t).ID, "continues in Permission Assist")
			}
			if tc.at != sandbox.OpGetImport && len(result.progress) > 0 {
				t.Errorf("progress after Ctrl-C: %q", result.progress)
			}
			tg.wantRequests(t, requests{sandbox.OpCancel: 0})
		})
	}
}

// The messages of an action repeat its warnings, which Terraform may not show.
func TestStageAction_repeatsWarnings(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{}).held()
	tg.addImport(sandbox.StatusPending)
	result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, staging(false))
	wantContains(t, strings.Join(result.progress, "\n"), "Staged import #2 … Warning: Application already has an unfinished import, #1")
}

func TestAccStageAction_triggered(t *testing.T) {
	t.Parallel()
	needs(t, 14, never)

	tg := newSandboxTarget(t, sandbox.Options{})
	config := func(input, arguments string) string {
		return tg.config(actionWhen(input, stageAction, fmt.Sprintf("application_id = %q\n %s", appID, arguments)))
	}
	lifecycle(t,
		resource.TestStep{Config: config("1", "wait_for_completion = true")},
		step(config("1", ""), "", tg.wantImports(1)),
		step(config("2", ""), "", tg.wantImports(2)),
		failingStep(config("2", `timeout = "0s"`), "positive duration"),
		resource.TestStep{
			PreConfig: func() {
				tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.FailBuilds, a.FailLog = true, "the exact reason" })
			},
			Config:      config("3", "wait_for_completion = true"),
			ExpectError: errorText("the exact reason"),
		},
	)
}
