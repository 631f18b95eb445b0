package provider_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// expectAll fails the test unless the text has all of these.
func expectAll(t *testing.T, got string, want ...string) {
	t.Helper()

	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q is missing in:\n%s", w, got)
		}
	}
}

func TestStageAction(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	heard := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{"application_id": str(strings.ToUpper(appID))})
	imp := tg.onlyImport(t)

	if text := details(heard.diagnostics); text != "" {
		t.Error(text)
	}

	if diff := cmp.Diff([]string{"Staged import #1 of " + appName + " (ID " + imp.ID + "): Pending"}, heard.progress); diff != "" {
		t.Error(diff)
	}

	tg.expectCount(t, sandbox.OpGetImport, 0)
}

// stepOnRead lets the one import go one step with each read of it.
func (tg target) stepOnRead() {
	tg.sandbox.HoldBuilds()
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, When: func(sandbox.Request) bool {
		tg.sandbox.StepBuild()

		return false
	}})
}

func TestStageAction_waits(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		prepare func(tg target)
		ends    string
		want    []string
	}{
		"finished": {func(target) {}, "Finished", nil},
		"failed": {
			func(tg target) {
				tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) {
					a.FailBuilds, a.FailLog = true, "first line\nthe very \x1b[31mreason"
				})
			},
			"Failed",
			[]string{"ERROR: ", "Import failed", "import #1 of " + appName, "has ended as Failed", `the very \x1b[31mreason`, "invoke the action again"},
		},
		"canceled": {
			func(tg target) {
				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, When: func(sandbox.Request) bool {
					for _, imp := range tg.sandbox.Imports() {
						tg.sandbox.UpdateImport(imp.ID, func(i *sandbox.Import) {
							if i.Status == sandbox.StatusRunning {
								i.Status = sandbox.StatusCanceling
							}
						})
					}

					return false
				}})
			},
			"Canceled",
			[]string{"ERROR: ", "Import canceled", "To stage a new import, invoke the action again."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tc.prepare(tg)
			tg.stepOnRead()

			heard := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{
				"application_id": str(appID), "wait_for_completion": boolean(true), "timeout": str("1m"),
			})

			const name = "Import #1 of " + appName + ": "
			if diff := cmp.Diff([]string{
				"Staged import #1 of " + appName + " (ID " + tg.onlyImport(t).ID + "): Pending", name + "Running", name + tc.ends,
			}, heard.progress); diff != "" {
				t.Error(diff)
			}

			got := details(heard.diagnostics)
			expectAll(t, got, tc.want...)

			if (got == "") != (tc.want == nil) || strings.Contains(got, "terraform apply") {
				t.Errorf("diagnostics:\n%s", got)
			}

			tg.expectCount(t, sandbox.OpStage, 1)
		})
	}
}

func TestStageAction_timesOut(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	heard := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{
		"application_id": str(appID), "wait_for_completion": boolean(true), "timeout": str("700ms"),
	})

	got := details(heard.diagnostics)
	expectAll(t, got, "ERROR: ", "Import did not end in time", "import #1 of "+appName+" (ID "+tg.onlyImport(t).ID+")", "after 700ms",
		"last status was Pending", "goes on in Permission Assist", cancelAction, "raise the action's timeout")

	if strings.Contains(got, "untaint") || strings.Contains(got, "on_timeout") {
		t.Errorf("that is for a resource:\n%s", got)
	}

	// Nothing is canceled by it.
	tg.expectCount(t, sandbox.OpCancel, 0)
}

// Staging takes no longer than the time-out either.
func TestStageAction_timesOutBeforeStaging(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Times: -1, Action: sandbox.Hang()})

	begun := time.Now()
	heard := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{"application_id": str(appID), "timeout": str("200ms")})
	expectAll(t, details(heard.diagnostics), "Import could not be staged", "Nothing was staged.", "timeout of an action")

	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}

	tg.expectCount(t, sandbox.OpStage, 0)
}

func TestStageAction_errors(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		application sandbox.Application
		faults      []sandbox.Fault
		want        []string
		imports     int
	}{
		"no schedule": {
			application: sandbox.Application{ID: appID, Problem: sandbox.NoSchedule},
			want:        []string{"Import could not be staged", "Nothing was staged", "Schedule an import for this application"},
		},
		"archived": {
			application: sandbox.Application{ID: appID, IsArchived: true},
			want:        []string{`AttributeName("application_id")`, "Import could not be staged", "Application is archived"},
		},
		"unknown application": {
			application: sandbox.Application{ID: "11111111-2222-3333-4444-555555555555"},
			want:        []string{"Import could not be staged"},
		},
		"token refused": {
			faults: []sandbox.Fault{{
				Operation: sandbox.OpListImports, Action: sandbox.Envelope(401, "unauthorized", "Invalid or expired authentication token"),
			}},
			want: []string{"Import could not be staged", "The token was refused", "Nothing was staged."},
		},
		"login page": {
			faults: []sandbox.Fault{{Operation: sandbox.OpListImports, Action: sandbox.LoginPage()}},
			want:   []string{"Import could not be staged", "Nothing was staged."},
		},
		"server's own error": {
			faults: []sandbox.Fault{{Operation: sandbox.OpStage, Action: sandbox.Envelope(500, "creation_failed", "x")}},
			want:   []string{"Import could not be staged", "Nothing was staged."},
		},
		"answer lost, and the list cannot be read": {
			faults: []sandbox.Fault{
				{Operation: sandbox.OpStage, Processed: true, Action: sandbox.HalfAnswer()},
				// The first page is read before the POST.
				{Operation: sandbox.OpListImports, Skip: 1, Times: -1, Action: sandbox.Envelope(500, "server_error", "x")},
			},
			want: []string{"Import may have been staged", "Nothing was posted again.", "invoke the action again"}, imports: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			if tc.application.ID != "" {
				tg.sandbox.RemoveApplication(appID)
				tg.sandbox.AddApplication(tc.application)
			}

			for _, f := range tc.faults {
				tg.sandbox.Inject(f)
			}

			p := newProtocol(t)
			p.configure(values{"endpoint": str(tg.endpoint), "token": str(token), "max_retries": tftypes.NewValue(tftypes.Number, 0)}, false)

			heard := p.invoke(t.Context(), stageAction, values{"application_id": str(appID), "wait_for_completion": boolean(true)})
			got := details(heard.diagnostics)
			expectAll(t, got, append(tc.want, "ERROR: ")...)

			if strings.Contains(got, "terraform import") || len(heard.progress) > 0 {
				t.Errorf("%v\n%s", heard.progress, got)
			}

			if n := len(tg.sandbox.Imports()); n != tc.imports {
				t.Errorf("the server has %d imports, want %d", n, tc.imports)
			}
		})
	}
}

// The answer to the POST is lost: the import is found, and not staged again.
func TestStageAction_stagesOnce(t *testing.T) {
	t.Parallel()

	for name, action := range map[string]sandbox.Action{
		"connection closed": sandbox.CloseConnection(), "half an answer": sandbox.HalfAnswer(), "a proxy's 502": sandbox.Answer(502, "text/html", "<html>"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: action})

			heard := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{"application_id": str(appID)})
			if got := summaries(heard.diagnostics); got != "WARNING: "+recovered {
				t.Error(details(heard.diagnostics))
			}

			expectAll(t, strings.Join(heard.progress, "\n"), "Staged import #1 of "+appName+" (ID "+tg.onlyImport(t).ID+")")
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
		"before the POST":              {sandbox.OpListImports, true, "ERROR: Staging was interrupted", 0},
		"during the POST":              {sandbox.OpStage, true, "ERROR: Stopped waiting for the import", 1},
		"during the POST, not to wait": {sandbox.OpStage, false, "WARNING: Import was staged", 1},
		"while waiting":                {sandbox.OpGetImport, true, "ERROR: Stopped waiting for the import", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()

			p := configuredProtocol(t, tg)
			heard := p.invoke(interruptWhen(t, tg, tc.at), stageAction, values{
				"application_id": str(appID), "wait_for_completion": boolean(tc.waits),
			})

			if got := summaries(heard.diagnostics); got != tc.want {
				t.Errorf("diagnostics:\n%s\nwant:\n%s", details(heard.diagnostics), tc.want)
			}

			if n := len(tg.sandbox.Imports()); n != tc.imports {
				t.Fatalf("the server has %d imports, want %d", n, tc.imports)
			}

			// What was staged is named, also where no progress was shown any more.
			if tc.imports == 1 {
				expectAll(t, details(heard.diagnostics), "import #1 of "+appName+" (ID "+tg.onlyImport(t).ID, "goes on in Permission Assist")
			}

			if tc.at != sandbox.OpGetImport && len(heard.progress) > 0 {
				t.Errorf("after Ctrl-C it said %q", heard.progress)
			}

			tg.expectCount(t, sandbox.OpCancel, 0)
		})
	}
}

// Terraform interrupts, and listens no more: the provider still gets to the end
// of the call, and the import is staged once.
func TestStageAction_nobodyListens(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()

	heard := 0

	for range configuredProtocol(t, tg).events(ctx, stageAction, values{"application_id": str(appID), "wait_for_completion": boolean(true)}).Events {
		heard++

		interrupt()

		break
	}

	tg.onlyImport(t)

	if heard != 1 {
		t.Errorf("%d events", heard)
	}
}

// What the configuration decides is told before anything is invoked.
func TestStageAction_config(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p := configuredProtocol(t, tg)

	for name, tc := range map[string]struct {
		config values
		// validate and plan are what is said of it then.
		validate, plan string
	}{
		"minimal":             {values{"application_id": str(appID)}, "", ""},
		"all":                 {values{"application_id": str(appID), "wait_for_completion": boolean(true), "timeout": str("1h30m")}, "", ""},
		"nothing":             {values{}, "ERROR: Missing Configuration for Required Attribute", "ERROR: Missing application_id"},
		"no GUID":             {values{"application_id": str("x")}, "ERROR: Invalid GUID", "ERROR: Invalid GUID"},
		"no duration":         {values{"application_id": str(appID), "timeout": str("soon")}, "ERROR: Invalid duration", "ERROR: Invalid duration"},
		"a time-out of zero":  {values{"application_id": str(appID), "timeout": str("0s")}, "ERROR: Invalid duration", "ERROR: Invalid duration"},
		"a negative time-out": {values{"application_id": str(appID), "timeout": str("-1s")}, "ERROR: Invalid duration", "ERROR: Invalid duration"},
		"not known yet":       {values{"application_id": unknownString(), "timeout": unknownString()}, "", ""},
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

			// What only became known since is no reason to stage something else.
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

// With a provider configuration that is not known yet, a plan goes on, and a
// Terraform that can defer is asked to.
func TestActions_providerNotConfigured(t *testing.T) {
	t.Parallel()

	unknown := values{"endpoint": unknownString(), "token": str(token)}
	configs := map[string]values{
		stageAction:  {"application_id": str(appID)},
		cancelAction: {"application_import_id": str(appID)},
	}

	for actionType, config := range configs {
		p := newProtocol(t)
		p.configure(unknown, false)

		if plan := p.planAction(actionType, config, false); len(plan.Diagnostics) > 0 || plan.Deferred != nil {
			t.Errorf("%s: plan: %s, %v", actionType, details(plan.Diagnostics), plan.Deferred)
		}

		if got := summaries(p.invoke(t.Context(), actionType, config).diagnostics); got != "ERROR: Provider configuration is not known yet" {
			t.Errorf("%s: invoke: %s", actionType, got)
		}

		deferring := newProtocol(t)
		deferring.configure(unknown, true)

		plan := deferring.planAction(actionType, config, true)
		if plan.Deferred == nil || plan.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
			t.Errorf("%s: deferred: %v", actionType, plan.Deferred)
		}
	}
}
