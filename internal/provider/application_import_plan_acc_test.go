package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// If a data source is read during apply, the application's ID is unknown at
// plan. That does not count as another application: nothing is staged or
// canceled, and dependent resources stay, too. If the application turns out to
// be different, Terraform stops.
func TestAccPlan_applicationReadDuringApply(t *testing.T) {
	t.Parallel()

	const source = "data \"permissionassist_application\" \"app\" {\n name = %q\n depends_on = [terraform_data.upstream]\n}\n"

	tg := newSandboxTarget(t, sandbox.Options{Applications: []sandbox.Application{{ID: otherAppID, Name: "Other"}}})
	tg.sandbox.HoldBuilds()

	config := func(upstream, application, arguments string) string {
		return tg.config(fmt.Sprintf("resource \"terraform_data\" \"upstream\" { input = %q }\n"+source, upstream, application) + fmt.Sprintf(`
resource "permissionassist_application_import" "test" {
  application_id = data.permissionassist_application.app.id
  %s
}
resource "terraform_data" "dependent" { triggers_replace = permissionassist_application_import.test.id }
`, arguments))
	}
	untouched := []statecheck.StateCheck{
		tg.imports(1), tg.requests(sandbox.OpStage, 0), tg.requests(sandbox.OpUpload, 0), tg.requests(sandbox.OpCancel, 0),
		value("application_id", knownvalue.StringExact(appID)),
	}
	kept := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
		plancheck.ExpectResourceAction("terraform_data.dependent", plancheck.ResourceActionNoop),
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("application_id")),
		plancheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("Pending")),
	}}

	lifecycle(t,
		resource.TestStep{Config: config("1", appName, "")},
		resource.TestStep{
			PreConfig: tg.sandbox.ResetRequests, Config: config("2", appName, ""), ConfigPlanChecks: kept, ConfigStateChecks: untouched,
		},
		resource.TestStep{
			Config: config("3", appName, "cancel_on_destroy = false"), ConfigPlanChecks: kept, ConfigStateChecks: untouched,
		},
		resource.TestStep{
			Config: config("4", "Other", ""), ConfigPlanChecks: kept, ExpectError: text("Application differs from the plan"),
		},
		resource.TestStep{
			PreConfig: func() {
				tg.expectCount(t, sandbox.OpStage, 0)
				tg.expectCount(t, sandbox.OpCancel, 0)
			},
			Config:           config("4", "Other", ""),
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				tg.imports(2), tg.requests(sandbox.OpStage, 1), value("application_id", knownvalue.StringExact(otherAppID)),
			},
		},
	)
}

// Another spelling of the same ID is no difference.
func TestAccPlan_guidSpelling(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	upper := tg.config(importResource(strings.ToUpper(appID), ""))

	lifecycle(t,
		resource.TestStep{
			Config:            upper,
			ConfigStateChecks: []statecheck.StateCheck{value("application_id", knownvalue.StringExact(strings.ToUpper(appID)))},
		},
		resource.TestStep{
			Config:            tg.config(importResource("https://pa.example.com/applications/"+strings.ReplaceAll(appID, "-", "")+"?tab=log", "")),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)},
		},
		resource.TestStep{
			Config:            tg.imported(""),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)},
		},
	)
}
