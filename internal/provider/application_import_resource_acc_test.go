package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Stage, plan without changes, import, cancel. Another spelling of the ID is
// not a change. This test also runs against a real server.
func TestAccApplicationImport_lifecycle(t *testing.T) {
	t.Parallel()

	tg := newTarget(t)
	if tg.sandbox != nil {
		tg.sandbox.HoldBuilds()
	}
	page := "https://pa.example.com/applications/" + strings.ToUpper(strings.ReplaceAll(tg.applicationID, "-", "")) + "?tab=log"
	lifecycle(t,
		step(tg.configImport(""), plancheck.ResourceActionCreate, tg.wantImports(1), wantState(address, values{
			"id": anything, "number": anything, "type": "API", "status": anything, "application_id": tg.applicationID,
			"cancel_on_destroy": true, "restage_on_failure": true, "triggers": nil,
		})),
		step(tg.config(importResource(page, "")), plancheck.ResourceActionNoop),
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true,
			// On a real server, the status changes. The staged_at of an adopted import
			// that has not started is the time of its adoption.
			ImportStateVerifyIgnore: []string{"status", "build_start", "build_end", "metrics", "staged_at"},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID, Config: tg.configImport("")},
	)
	if tg.sandbox != nil && tg.onlyImport(t).Status != sandbox.StatusCanceling {
		t.Errorf("after destroy the import is %s, want Canceling", tg.onlyImport(t).Status)
	}
}

// A completion waits for the import, and the next plan has no changes. The
// status in the state of the import is refreshed then.
func TestAccApplicationImport_waitsUntilFinished(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{BuildTime: time.Second})
	config := tg.configImport("") + completionResource("timeouts {\n create = \"5m\"\n }")
	again := step(config, "", wantState(address, values{"status": "Finished"}))
	again.PreConfig = tg.sandbox.ResetRequests
	lifecycle(t,
		step(config, "", tg.wantImports(1),
			wantState(address, values{"status": "Pending", "created_by": "sandbox", "application_name": appName}),
			wantState(completionAddress, values{
				"status": "Finished", "build_start": anything, "build_end": anything, "metrics": anything, "application_id": appID,
			})),
		step(config, plancheck.ResourceActionNoop),
		resource.TestStep{
			RefreshState: true, RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		again,
	)
	// The import had ended, so nothing was read again or canceled.
	tg.wantOnlyRequests(t, "planning and destroying what has ended", requests{})
}

// A failed import is an error that quotes the log. The next plan replaces it
// and its completion, whose values are unknown.
func TestAccApplicationImport_failedIsReplaced(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) {
		a.FailBuilds, a.FailLog = true, "opening the connection\nline two\nLogin failed for user svc_import\n"
	})
	config := func(arguments string) string { return tg.configImport(arguments) + completionResource("") }
	finished := step(config(""), plancheck.ResourceActionDestroyBeforeCreate, tg.wantImports(2),
		wantState(completionAddress, values{"status": "Finished"}))
	finished.PreConfig = func() { tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.FailBuilds = false }) }
	dependent := block("resource", "terraform_data", "dependent", "input = "+completionAddress+".number")
	triggered := step(config(`triggers = { n = "2" }`)+dependent, "", tg.wantImports(3),
		wantState(completionAddress, values{"number": int64(3)}))
	triggered.ConfigPlanChecks = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
		plancheck.ExpectResourceAction(completionAddress, plancheck.ResourceActionDestroyBeforeCreate),
		plancheck.ExpectUnknownValue("terraform_data.dependent", tfjsonpath.New("input")),
	}}
	lifecycle(t,
		failingStep(config(""), "Login failed for user svc_import"),
		finished,
		// The first triggers are only recorded.
		step(config(`triggers = { n = "1" }`), plancheck.ResourceActionUpdate),
		triggered,
	)
	tg.wantRequests(t, requests{sandbox.OpCancel: 0})
}

// A server with only the documented paths.
func TestAccApplicationImport_withoutInferredPaths(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{Dialect: sandbox.Dialect{
		NoGetImport: true, NoGetApplication: true, OmitApplication: true, OmitCreatedBy: true, OmitLog: true,
		OmitFiles: true, OmitMetrics: true, ImportType: "Api", TimesWithoutZone: true, ExtraFields: true, UpperCaseIDs: true,
	}})
	recorded := step(tg.configImport(`triggers = { again = "1" }`), plancheck.ResourceActionUpdate)
	recorded.PreConfig = tg.sandbox.HoldBuilds
	lifecycle(t,
		step(tg.configImport("")+completionResource(""), "", tg.wantImports(1),
			wantState(address, values{"type": "API", "created_by": nil}),
			wantState(completionAddress, values{"status": "Finished", "metrics": nil})),
		recorded,
		step(tg.configImport(`triggers = { again = "2" }`), plancheck.ResourceActionDestroyBeforeCreate, tg.wantImports(2),
			wantState(address, values{"status": "Pending"})),
		step(tg.configImport(`triggers = { again = "2" }`), plancheck.ResourceActionNoop),
	)
}

// After terraform import, a configuration with only the application has an
// empty plan, and a completion waits for the import in the same apply. A
// configuration with more arguments adopts the import in place.
func TestAccApplicationImport_importedIsAdopted(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{}).held()
	existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Type: "Scheduled", Status: "Pending"})
	page := "https://pa.example.com/imports/" + strings.ToUpper(existing.ID) + "?tab=log"
	adopts := step(tg.configImport("")+importBlock(page)+completionResource(""), plancheck.ResourceActionNoop,
		wantState(address, values{"id": existing.ID, "number": existing.Number, "type": "Scheduled"}),
		wantState(completionAddress, values{"number": existing.Number, "status": "Finished"}))
	// The builds go on when the apply reads the import, after the plan has read
	// it.
	adopts.PreConfig = func() { tg.onRequest(sandbox.OpGetImport, 2, tg.sandbox.ReleaseBuilds) }
	lifecycle(t,
		failingStep(tg.configImport("")+importBlock("#1001"), "Invalid import ID"),
		adopts,
		step(tg.configImport("triggers = { a = \"1\" }\n cancel_on_destroy = false"), plancheck.ResourceActionUpdate, tg.wantImports(1)),
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: noID, ExpectError: errorText("Cannot import non-existent remote object"),
		},
	)
	tg.wantRequests(t, requests{sandbox.OpStage: 0, sandbox.OpCancel: 0})
}

func TestAccApplicationImport_identity(t *testing.T) {
	t.Parallel()
	needs(t, 12, 12)

	tg := newTarget(t)
	lifecycle(t,
		// Only the first step waits.
		step(tg.configImport("")+completionResource(""), "", statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id"))),
		step(tg.configImport(""), plancheck.ResourceActionNoop),
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}
