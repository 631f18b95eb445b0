package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

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

			result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{
				"application_id": str(strings.ToUpper(appID)), "wait_for_completion": boolean(waits),
			})
			expectClean(t, result.diagnostics)
			want := append([]string{"Staged i" + name + " (ID " + tg.onlyImport(t).ID + "): Pending"}, reports...)
			if diff := cmp.Diff(want, result.progress); diff != "" {
				t.Error(diff)
			}
			tg.expectCount(t, sandbox.OpGetImport, len(reports))
		})
	}
}

func TestStageAction_defaultTimeout(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		tg.sandbox.HoldBuilds()
		expectAll(t, details(configuredProtocol(t, tg).invoke(t.Context(), stageAction, waitingAction()).diagnostics), "did not end within 1h0m0s")
	})
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

			result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{"application_id": str(appID)})
			got := details(result.diagnostics)
			if summaries(result.diagnostics) != stageSummaries()[want] || (len(result.progress) > 0) != (want == sandboxtest.Recovered) {
				t.Errorf("%q, and the diagnostics of %q are:\n%s", result.progress, want, got)
			}
			for _, imp := range tg.sandbox.Imports() {
				expectAll(t, got, imp.ID)
			}
			if want == sandboxtest.Uncertain || want == sandboxtest.Ambiguous {
				expectAll(t, got, "invoke the action again")
			}
			expectNone(t, got, "terraform import", "terraform apply")
			tg.expectCount(t, sandbox.OpStage, 1)
		})
	}
}

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

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()

			p := configuredProtocol(t, tg)
			result := p.invoke(interruptOn(t, tg, tc.at, 1), stageAction, values{
				"application_id": str(appID), "wait_for_completion": boolean(tc.waits),
			})

			expectSummaries(t, result.diagnostics, tc.want)

			if n := len(tg.sandbox.Imports()); n != tc.imports {
				t.Fatalf("the server has %d imports, want %d", n, tc.imports)
			}

			// The diagnostic names the staged import, even if Terraform no
			// longer shows progress.
			if tc.imports == 1 {
				expectAll(t, details(result.diagnostics), "mport #1 of "+appName+" (ID "+tg.onlyImport(t).ID, "continues in Permission Assist")
			}

			if tc.at != sandbox.OpGetImport && len(result.progress) > 0 {
				t.Errorf("progress after Ctrl-C: %q", result.progress)
			}

			tg.expectCount(t, sandbox.OpCancel, 0)
		})
	}
}

// stageWhen returns an action and a resource that invokes it when its input
// changes.
func stageWhen(input, arguments string) string {
	return fmt.Sprintf(`
action "permissionassist_stage_application_import" "test" {
  config {
    application_id = %q
    %s
  }
}

resource "terraform_data" "release" {
  input = %q

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.permissionassist_stage_application_import.test]
    }
  }
}
`, appID, arguments, input)
}

func TestAccStageAction_triggered(t *testing.T) {
	t.Parallel()
	needsTerraform114(t)

	tg := newSandboxTarget(t, sandbox.Options{})

	lifecycle(t,
		resource.TestStep{Config: tg.config(stageWhen("1", "wait_for_completion = true")), ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)}},
		resource.TestStep{Config: tg.config(stageWhen("1", "")), ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)}},
		resource.TestStep{Config: tg.config(stageWhen("2", "")), ConfigStateChecks: []statecheck.StateCheck{tg.imports(2)}},
		resource.TestStep{Config: tg.config(stageWhen("2", `timeout = "0s"`)), ExpectError: text("positive duration")},
		resource.TestStep{
			PreConfig: func() {
				tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.FailBuilds, a.FailLog = true, "the exact reason" })
			},
			Config:      tg.config(stageWhen("3", "wait_for_completion = true")),
			ExpectError: text("the exact reason"),
		},
	)
}
