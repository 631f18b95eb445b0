package provider_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// stepOnRead makes the build job's next move on each read of the import.
func (tg target) stepOnRead() {
	tg.sandbox.HoldBuilds()
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, When: func(sandbox.Request) bool {
		tg.sandbox.StepBuild()

		return false
	}})
}

func TestStageAction(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{"application_id": str(strings.ToUpper(appID))})
	imp := tg.onlyImport(t)

	if text := details(result.diagnostics); text != "" {
		t.Error(text)
	}

	if diff := cmp.Diff([]string{"Staged import #1 of " + appName + " (ID " + imp.ID + "): Pending"}, result.progress); diff != "" {
		t.Error(diff)
	}

	tg.expectCount(t, sandbox.OpGetImport, 0)
}

// The action reports each change of the status.
func TestStageAction_waits(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "finished", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		tg.stepOnRead()

		result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, waiting())

		const name = "Import #1 of " + appName + ": "
		if diff := cmp.Diff([]string{
			"Staged import #1 of " + appName + " (ID " + tg.onlyImport(t).ID + "): Pending", name + "Running", name + "Finished",
		}, result.progress); diff != "" {
			t.Error(diff)
		}
		if text := details(result.diagnostics); text != "" {
			t.Error(text)
		}
	})
}

// If an import may have been staged, the action names it or advises what to do
// next.
func TestStageAction_faults(t *testing.T) {
	t.Parallel()

	for want, fault := range map[sandboxtest.StageOutcome]sandbox.Fault{
		sandboxtest.Adopted:   {Action: sandbox.HalfResponse(), Processed: true},
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
			if summaries(result.diagnostics) != stageSummaries()[want] || (len(result.progress) > 0) != (want == sandboxtest.Adopted) {
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

			if got := summaries(result.diagnostics); got != tc.want {
				t.Errorf("diagnostics:\n%s\nwant:\n%s", details(result.diagnostics), tc.want)
			}

			if n := len(tg.sandbox.Imports()); n != tc.imports {
				t.Fatalf("the server has %d imports, want %d", n, tc.imports)
			}

			// The diagnostic names the staged import, even if Terraform no
			// longer shows progress.
			if tc.imports == 1 {
				expectAll(t, details(result.diagnostics), "import #1 of "+appName+" (ID "+tg.onlyImport(t).ID, "continues in Permission Assist")
			}

			if tc.at != sandbox.OpGetImport && len(result.progress) > 0 {
				t.Errorf("progress after Ctrl-C: %q", result.progress)
			}

			tg.expectCount(t, sandbox.OpCancel, 0)
		})
	}
}

// If Terraform interrupts and stops listening, the call still ends, and the
// import is staged once.
func TestStageAction_stoppedListening(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()

	events := 0

	for range configuredProtocol(t, tg).events(ctx, stageAction, values{"application_id": str(appID), "wait_for_completion": boolean(true)}).Events {
		events++

		interrupt()

		break
	}

	tg.onlyImport(t)

	if events != 1 {
		t.Errorf("%d events", events)
	}
}

// An invalid configuration is an error before the action is invoked.
func TestStageAction_config(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p := configuredProtocol(t, tg)

	for name, tc := range map[string]struct {
		config values
		// validate and plan are the expected diagnostics.
		validate, plan string
	}{
		"minimal":            {values{"application_id": str(appID)}, "", ""},
		"all":                {values{"application_id": str(appID), "wait_for_completion": boolean(true), "timeout": str("1h30m")}, "", ""},
		"nothing":            {values{}, "ERROR: Missing Configuration for Required Attribute", "ERROR: Missing value for application_id"},
		"no GUID":            {values{"application_id": str("x")}, "ERROR: Invalid GUID in application_id", "ERROR: Invalid GUID in application_id"},
		"no duration":        {values{"application_id": str(appID), "timeout": str("soon")}, "ERROR: Invalid duration in timeout", "ERROR: Invalid duration in timeout"},
		"a timeout of zero":  {values{"application_id": str(appID), "timeout": str("0s")}, "ERROR: Invalid duration in timeout", "ERROR: Invalid duration in timeout"},
		"a negative timeout": {values{"application_id": str(appID), "timeout": str("-1s")}, "ERROR: Invalid duration in timeout", "ERROR: Invalid duration in timeout"},
		"not known yet":      {values{"application_id": unknownString(), "timeout": unknownString()}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := summaries(p.validateAction(stageAction, tc.config)); got != tc.validate {
				t.Errorf("validate: %s, want %s", got, tc.validate)
			}

			for _, deferralAllowed := range []bool{false, true} {
				plan := p.planAction(stageAction, tc.config, deferralAllowed)
				if got := summaries(plan.Diagnostics); got != tc.plan || plan.Deferred != nil {
					t.Errorf("plan: %s, %v, want %s", got, plan.Deferred, tc.plan)
				}
			}

			// A value that becomes known later is validated before anything is
			// staged.
			if tc.plan != "" {
				if got := summaries(p.invoke(t.Context(), stageAction, tc.config).diagnostics); got != tc.plan {
					t.Errorf("invoke: %s, want %s", got, tc.plan)
				}
			}
		})
	}

	if requests := tg.sandbox.Requests(); len(requests) > 0 {
		t.Errorf("the server got %v", requests)
	}
}
