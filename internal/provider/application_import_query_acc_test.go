package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

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

func TestAccList_query(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	finished := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Finished"})
	running := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Running"})

	const all = "permissionassist_application_import.all"

	list := func(name, arguments, config string) string {
		return fmt.Sprintf("list \"permissionassist_application_import\" %q {\n provider = permissionassist\n %s\n config {\n %s\n }\n}\n", name, arguments, config)
	}

	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   terraform114(),
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			// The query uses the provider configuration of this file.
			{Config: tg.config("")},
			{
				Query: true,
				Config: list("all", "include_resource = true", fmt.Sprintf("application_id = %q", appID)) +
					list("running", "", `statuses = ["running"]`) +
					list("one", "limit = 1", "") +
					list("none", "", `statuses = ["Paused"]`),
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength(all, 2),
					querycheck.ExpectIdentity(all, map[string]knownvalue.Check{"id": knownvalue.StringExact(finished.ID)}),
					querycheck.ExpectResourceKnownValues(all, queryfilter.ByResourceIdentity(map[string]knownvalue.Check{
						"id": knownvalue.StringExact(running.ID),
					}), []querycheck.KnownValueCheck{
						{Path: tfjsonpath.New("status"), KnownValue: knownvalue.StringExact("Running")},
						{Path: tfjsonpath.New("cancel_on_destroy"), KnownValue: knownvalue.Bool(true)},
						{Path: tfjsonpath.New("application").AtMapKey("name"), KnownValue: knownvalue.StringExact(appName)},
					}),
					querycheck.ExpectLength("permissionassist_application_import.running", 1),
					querycheck.ExpectResourceDisplayName("permissionassist_application_import.running",
						queryfilter.ByResourceIdentity(map[string]knownvalue.Check{"id": knownvalue.StringExact(running.ID)}),
						knownvalue.StringExact(fmt.Sprintf("#%d %s (Running)", running.Number, appName))),
					querycheck.ExpectLength("permissionassist_application_import.one", 1),
				},
			},
		},
	})
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

	tg := newSandboxTarget(t, sandbox.Options{})

	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   terraform114(),
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{Config: tg.config(stageWhen("1", "wait_for_completion = true")), ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)}},
			{Config: tg.config(stageWhen("1", "")), ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)}},
			{Config: tg.config(stageWhen("2", "")), ConfigStateChecks: []statecheck.StateCheck{tg.imports(2)}},
			{Config: tg.config(stageWhen("2", `timeout = "0s"`)), ExpectError: text("positive duration")},
			{
				PreConfig: func() {
					tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.FailBuilds, a.FailLog = true, "the exact reason" })
				},
				Config:      tg.config(stageWhen("3", "wait_for_completion = true")),
				ExpectError: text("the exact reason"),
			},
		},
	})
}

func TestAccCancelAction_triggered(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Running"})

	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   terraform114(),
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{{
			// The ID is known only when the action is invoked.
			Config: tg.config(fmt.Sprintf(`
resource "terraform_data" "id" {
  input = %q
}

action "permissionassist_cancel_application_import" "test" {
  config {
    application_import_id = terraform_data.id.output
  }
}

resource "terraform_data" "release" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.permissionassist_cancel_application_import.test]
    }
  }
}
`, imp.ID)),
			ConfigStateChecks: []statecheck.StateCheck{tg.requests(sandbox.OpCancel, 1)},
		}},
	})

	if !t.Skipped() && tg.onlyImport(t).Status != sandbox.StatusCanceling {
		t.Errorf("the import is %s", tg.onlyImport(t).Status)
	}
}
