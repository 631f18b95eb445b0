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
				value("wait_for_completion", knownvalue.Bool(false)),
				value("cancel_on_destroy", knownvalue.Bool(true)),
				value("restage_on_failure", knownvalue.Bool(false)),
				value("on_timeout", knownvalue.StringExact("error")),
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

func TestAccApplicationImport_waitsUntilFinished(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{BuildTime: time.Second})

	lifecycle(t,
		resource.TestStep{
			Config: tg.imported("wait_for_completion = true"),
			ConfigStateChecks: []statecheck.StateCheck{
				value("status", knownvalue.StringExact("Finished")),
				value("build_start", knownvalue.NotNull()),
				value("build_end", knownvalue.NotNull()),
				value("metrics", knownvalue.NotNull()),
				value("created_by", knownvalue.StringExact("sandbox")),
				value("restage_on_failure", knownvalue.Bool(true)),
				value("application", knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"id": knownvalue.StringExact(appID), "name": knownvalue.StringExact(appName),
					"priority": knownvalue.StringExact("Critical"), "is_archived": knownvalue.Bool(false),
				})),
				tg.imports(1),
			},
		},
		resource.TestStep{
			PreConfig:         tg.sandbox.ResetRequests,
			Config:            tg.imported("wait_for_completion = true"),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{tg.requests(sandbox.OpGetImport, 0), tg.requests(sandbox.OpListImports, 0)},
		},
	)

	// The import had ended, so nothing was canceled.
	tg.expectCount(t, sandbox.OpCancel, 0)
}

// A failed import is an error that quotes the log, and the next apply replaces
// it.
func TestAccApplicationImport_failedIsReplaced(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) {
		a.FailBuilds, a.FailLog = true, "opening the connection\nline two\nLogin failed for user svc_import\n"
	})

	lifecycle(t,
		resource.TestStep{
			Config:      tg.imported("wait_for_completion = true"),
			ExpectError: text("Login failed for user svc_import"),
		},
		resource.TestStep{
			PreConfig: func() {
				tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.FailBuilds = false })
			},
			Config:           tg.imported("wait_for_completion = true"),
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				value("status", knownvalue.StringExact("Finished")), tg.imports(2), tg.requests(sandbox.OpCancel, 0),
			},
		},
	)
}

// Turning on the wait waits for the existing import and stages nothing.
func TestAccApplicationImport_waitTurnedOnLater(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	lifecycle(t,
		resource.TestStep{Config: tg.imported("")},
		resource.TestStep{
			PreConfig:        tg.releaseAfterPlan,
			Config:           tg.imported("wait_for_completion = true"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				value("status", knownvalue.StringExact("Finished")), value("metrics", knownvalue.NotNull()), tg.imports(1),
			},
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
			Config: tg.imported("wait_for_completion = true"),
			ConfigStateChecks: []statecheck.StateCheck{
				value("status", knownvalue.StringExact("Finished")), value("type", knownvalue.StringExact("API")),
				value("created_by", knownvalue.Null()), value("metrics", knownvalue.Null()), tg.imports(1),
			},
		},
		resource.TestStep{
			PreConfig:        func() { tg.sandbox.HoldBuilds() },
			Config:           tg.imported("triggers = { again = \"1\" }\n wait_for_completion = false"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			Config:            tg.imported("triggers = { again = \"2\" }\n wait_for_completion = false"),
			ConfigPlanChecks:  planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("Pending")), tg.imports(2)},
		},
		resource.TestStep{
			Config: tg.imported("triggers = { again = \"2\" }\n wait_for_completion = false"), ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
		},
	)
}

// After terraform import, a configuration with only the application has an
// empty plan; a configuration with more arguments adopts the import in place.
func TestAccApplicationImport_importedIsAdopted(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Type: "Scheduled", Status: "Pending"})
	block := "import {\n to = " + address + "\n id = \"" + strings.ToUpper(existing.ID) + "\"\n}\n"

	lifecycle(t,
		resource.TestStep{
			Config:           tg.imported("") + block,
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{
				value("number", knownvalue.Int64Exact(existing.Number)), value("type", knownvalue.StringExact("Scheduled")), tg.imports(1),
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
				Config: tg.imported("wait_for_completion = true"),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id")),
					statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"id": knownvalue.NotNull()}),
				},
			},
			{
				// Only the first step waits.
				Config:           tg.imported(""),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			},
			{
				ResourceName:    address,
				ImportState:     true,
				ImportStateKind: resource.ImportBlockWithResourceIdentity,
			},
		},
	})
}
