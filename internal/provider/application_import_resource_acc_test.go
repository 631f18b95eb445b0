package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Stage, plan without changes, import, cancel. This test also runs against a
// real server.
func TestAccApplicationImport_lifecycle(t *testing.T) {
	t.Parallel()

	tg := newTarget(t)
	if tg.sandbox != nil {
		tg.sandbox.HoldBuilds()
	}

	lifecycle(t,
		resource.TestStep{
			Config:           tg.imported(""),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				value("id", knownvalue.NotNull()),
				value("number", knownvalue.NotNull()),
				value("type", knownvalue.StringExact("API")),
				value("status", knownvalue.NotNull()),
				value("application_id", knownvalue.StringExact(tg.applicationID)),
				value("cancel_on_destroy", knownvalue.Bool(true)),
				value("restage_on_failure", knownvalue.Bool(true)),
				value("triggers", knownvalue.Null()),
				tg.imports(1),
			},
		},
		resource.TestStep{Config: tg.imported(""), ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true,
			// On a real server, the status changes. The staged_at of an adopted import
			// that has not started is the time of its adoption.
			ImportStateVerifyIgnore: []string{"status", "build_start", "build_end", "metrics", "staged_at"},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
			Config: tg.imported(""),
		},
	)

	if tg.sandbox != nil {
		if got := tg.onlyImport(t).Status; got != sandbox.StatusCanceling {
			t.Errorf("after destroy the import is %s, want Canceling", got)
		}
	}
}

// A completion waits for the import, and the next plan has no changes. The status
// in the state of the import is refreshed then.
func TestAccApplicationImport_waitsUntilFinished(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{BuildTime: time.Second})
	config := tg.imported("") + completionResource("timeouts {\n create = \"5m\"\n }")

	lifecycle(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				value("status", knownvalue.StringExact("Pending")),
				value("created_by", knownvalue.StringExact("sandbox")),
				value("application_name", knownvalue.StringExact(appName)),
				completedValue("status", knownvalue.StringExact("Finished")),
				completedValue("build_start", knownvalue.NotNull()),
				completedValue("build_end", knownvalue.NotNull()),
				completedValue("metrics", knownvalue.NotNull()),
				completedValue("application_id", knownvalue.StringExact(appID)),
				tg.imports(1),
			},
		},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
		resource.TestStep{
			RefreshState: true, RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		resource.TestStep{
			PreConfig: tg.sandbox.ResetRequests,
			Config:    config,
			ConfigStateChecks: []statecheck.StateCheck{
				value("status", knownvalue.StringExact("Finished")), tg.requests(sandbox.OpGetImport, 0), tg.requests(sandbox.OpListImports, 0),
			},
		},
	)

	// The import had ended, so nothing was canceled.
	tg.expectCount(t, sandbox.OpCancel, 0)
}

// completed is a state check of an attribute of the completion.
func completedValue(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(completionType+".test", tfjsonpath.New(attribute), want)
}

// A failed import is an error that quotes the log. The next plan replaces it and
// its completion, whose values are unknown.
func TestAccApplicationImport_failedIsReplaced(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) {
		a.FailBuilds, a.FailLog = true, "opening the connection\nline two\nLogin failed for user svc_import\n"
	})
	config := tg.imported("") + completionResource("")

	lifecycle(t,
		resource.TestStep{Config: config, ExpectError: text("Login failed for user svc_import")},
		resource.TestStep{
			PreConfig:        func() { tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.FailBuilds = false }) },
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				completedValue("status", knownvalue.StringExact("Finished")), tg.imports(2), tg.requests(sandbox.OpCancel, 0),
			},
		},
		resource.TestStep{
			Config: tg.imported("triggers = { n = \"1\" }") + completionResource(""),
			// The first triggers are only recorded.
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			Config: tg.imported("triggers = { n = \"2\" }") + completionResource("") + dependent,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
				plancheck.ExpectResourceAction(completionType+".test", plancheck.ResourceActionDestroyBeforeCreate),
				plancheck.ExpectUnknownValue("terraform_data.dependent", tfjsonpath.New("input")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{completedValue("number", knownvalue.Int64Exact(3)), tg.imports(3)},
		},
	)
}

const dependent = "resource \"terraform_data\" \"dependent\" { input = permissionassist_application_import_completion.test.number }\n"

// A completion that is added later waits for the existing import and stages
// nothing.
func TestAccApplicationImport_waitAddedLater(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	lifecycle(t,
		resource.TestStep{Config: tg.imported("")},
		resource.TestStep{
			PreConfig:         tg.releaseAfterPlan,
			Config:            tg.imported("") + completionResource(""),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{completedValue("status", knownvalue.StringExact("Finished")), tg.imports(1)},
		},
	)
	tg.expectCount(t, sandbox.OpCancel, 0)
}

// A wrong response to a read does not plan a new import.
func TestAccApplicationImport_wrongResponse(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	lifecycle(t,
		resource.TestStep{Config: tg.imported("")},
		resource.TestStep{
			// Every endpoint responds like this.
			PreConfig:   func() { tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: echoPage(404)}) },
			Config:      tg.imported(""),
			PlanOnly:    true,
			ExpectError: text("Import could not be read"),
		},
		resource.TestStep{
			PreConfig:         tg.sandbox.ClearFaults,
			Config:            tg.imported(""),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("Pending")), tg.imports(1)},
		},
	)
}

// A server with only the documented paths.
func TestAccApplicationImport_withoutInferredPaths(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{Dialect: sandbox.Dialect{
		NoGetImport: true, NoGetApplication: true, OmitApplication: true, OmitCreatedBy: true, OmitLog: true,
		OmitFiles: true, OmitMetrics: true, ImportType: "Api", TimesWithoutZone: true, ExtraFields: true, UpperCaseIDs: true,
	}})

	lifecycle(t,
		resource.TestStep{
			Config: tg.imported("") + completionResource(""),
			ConfigStateChecks: []statecheck.StateCheck{
				value("type", knownvalue.StringExact("API")), value("created_by", knownvalue.Null()),
				completedValue("status", knownvalue.StringExact("Finished")), completedValue("metrics", knownvalue.Null()), tg.imports(1),
			},
		},
		resource.TestStep{
			PreConfig:        func() { tg.sandbox.HoldBuilds() },
			Config:           tg.imported("triggers = { again = \"1\" }"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			Config:            tg.imported("triggers = { again = \"2\" }"),
			ConfigPlanChecks:  planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("Pending")), tg.imports(2)},
		},
		resource.TestStep{
			Config: tg.imported("triggers = { again = \"2\" }"), ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
		},
	)
}

// After terraform import, a configuration with only the application has an
// empty plan, and a completion waits for the import in the same apply; a configuration with more arguments adopts the import in place.
func TestAccApplicationImport_importedIsAdopted(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Type: "Scheduled", Status: "Pending"})
	block := "import {\n to = " + address + "\n id = \"" + strings.ToUpper(existing.ID) + "\"\n}\n"

	lifecycle(t,
		resource.TestStep{
			PreConfig:        tg.releaseAfterPlan,
			Config:           tg.imported("") + block + completionResource(""),
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{
				value("number", knownvalue.Int64Exact(existing.Number)), value("type", knownvalue.StringExact("Scheduled")),
				completedValue("number", knownvalue.Int64Exact(existing.Number)), completedValue("status", knownvalue.StringExact("Finished")), tg.imports(1),
			},
		},
		resource.TestStep{
			Config:            tg.imported("triggers = { a = \"1\" }\n cancel_on_destroy = false"),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)},
		},
	)
	tg.expectCount(t, sandbox.OpStage, 0)
	tg.expectCount(t, sandbox.OpCancel, 0)
}

// The import command and an import block accept other spellings of the ID.
// TestImportID has more.
func TestAccApplicationImport_importID(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Finished"})
	page := "https://pa.example.com/imports/" + strings.ToUpper(existing.ID) + "?tab=log"
	block := func(id string) string {
		return tg.imported("") + fmt.Sprintf("import {\n to = %s\n id = %q\n}\n", address, id)
	}
	refused := func(id, want string) resource.TestStep {
		return resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: id, ExpectError: text(want)}
	}

	lifecycle(t,
		resource.TestStep{Config: block("#1001"), ExpectError: text("Invalid import ID")},
		resource.TestStep{
			Config:            block(page),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{value("id", knownvalue.StringExact(existing.ID)), tg.imports(1)},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: page, ImportStateVerify: true},
		refused("#1001", "Invalid import ID"),
		refused("11111111-2222-3333-4444-555555555555", "Cannot import non-existent remote object"),
	)
	tg.expectCount(t, sandbox.OpStage, 0)
}

func TestAccApplicationImport_identity(t *testing.T) {
	t.Parallel()

	tg := newTarget(t)

	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{
				Config: tg.imported("") + completionResource(""),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id")),
					statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"id": knownvalue.NotNull()}),
				},
			},
			{
				Config:           tg.imported(""), // Only the first step waits.
				ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
			},
			{
				ResourceName:    address,
				ImportState:     true,
				ImportStateKind: resource.ImportBlockWithResourceIdentity,
			},
		},
	})
}
