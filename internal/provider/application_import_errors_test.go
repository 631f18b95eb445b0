package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// If the API refuses to stage, the state stays empty, and the next apply
// stages.
func TestAccApplicationImport_refused(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.Problem = sandbox.NoSchedule })

	lifecycle(t,
		resource.TestStep{Config: tg.imported(""), ExpectError: text("Nothing was staged.")},
		resource.TestStep{
			PreConfig: func() {
				tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.Problem = sandbox.NoProblem })
			},
			Config:            tg.imported(""),
			ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)},
		},
	)
}

// A wrong response to a read does not plan a new import. The protocol tests
// have more wrong responses.
func TestAccApplicationImport_wrongResponses(t *testing.T) {
	t.Parallel()

	for name, action := range map[string]sandbox.Action{
		"page 404": echoPage(404), "login page": sandbox.LoginPage(), "half": sandbox.HalfResponse(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			config := tg.configWith("max_retries = 0", importResource(appID, ""))

			lifecycle(t,
				resource.TestStep{Config: config},
				resource.TestStep{
					// Every endpoint responds like this.
					PreConfig:   func() { tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: action}) },
					Config:      config,
					PlanOnly:    true,
					ExpectError: text("Import could not be read"),
				},
				resource.TestStep{
					PreConfig:         tg.sandbox.ClearFaults,
					Config:            config,
					ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
					ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("Pending")), tg.imports(1)},
				},
			)
		})
	}
}

// A single 404 does not plan a new import; a removed import does.
func TestAccApplicationImport_gone(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	lifecycle(t,
		resource.TestStep{Config: tg.imported("")},
		resource.TestStep{
			PreConfig: func() {
				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Action: notFound()})
			},
			Config:           tg.imported(""),
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
		},
		resource.TestStep{
			PreConfig:         func() { tg.sandbox.RemoveImport(tg.onlyImport(t).ID) },
			Config:            tg.imported(""),
			ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)},
		},
	)
}

// A tainted import that now belongs to another application is an error; it is
// not canceled.
func TestAccApplicationImport_otherApplication(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	tg.otherApplication()
	waits := tg.imported("wait_for_completion = true")

	lifecycle(t,
		resource.TestStep{Config: waits, ExpectError: text("Import belongs to another application")},
		resource.TestStep{Config: waits, ExpectError: text("Import could not be read")},
		resource.TestStep{Config: waits, Destroy: true, ExpectError: text("Import could not be read")},
		resource.TestStep{
			PreConfig: func() {
				tg.expectCount(t, sandbox.OpCancel, 0)
				tg.sandbox.ClearFaults()
			},
			Config: waits, Destroy: true,
		},
	)
	tg.expectCount(t, sandbox.OpStage, 1)
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

func TestAccApplicationImport_importErrors(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})

	lifecycle(t,
		resource.TestStep{Config: tg.imported("")},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "11111111-2222-3333-4444-555555555555",
			ExpectError: text("Cannot import non-existent remote object"),
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
