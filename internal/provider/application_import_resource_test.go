package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func lifecycle(t *testing.T, steps ...resource.TestStep) {
	t.Helper()

	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: steps})
}

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
			// On a real server, the status changes.
			ImportStateVerifyIgnore: []string{"status", "build_start", "build_end", "metrics"},
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

// A status that changes on the server is never a difference.
func TestAccApplicationImport_movingStatusIsNoDiff(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	var steps []resource.TestStep

	for _, status := range []string{"Pending", "Running", "Awaiting Review", "Canceling", "Failed"} {
		steps = append(steps, resource.TestStep{
			PreConfig: func() {
				for _, imp := range tg.sandbox.Imports() {
					tg.sandbox.UpdateImport(imp.ID, func(i *sandbox.Import) { i.Status = status })
				}
			},
			Config:            tg.imported(""),
			ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact(status)), tg.imports(1)},
		})

		if status != "Pending" {
			steps[len(steps)-1].ConfigPlanChecks = planned(plancheck.ResourceActionNoop)
		}
	}

	lifecycle(t, steps...)
	tg.expectCount(t, sandbox.OpStage, 1)
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

func TestAccApplicationImport_restageOnFailure(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		arguments string
		status    string
		want      plancheck.ResourceActionType
	}{
		"failed, default": {"", "Failed", plancheck.ResourceActionNoop},
		"failed, restage": {"restage_on_failure = true", "Failed", plancheck.ResourceActionDestroyBeforeCreate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()

			imports := 1
			if tc.want != plancheck.ResourceActionNoop {
				imports = 2
			}

			lifecycle(t,
				resource.TestStep{Config: tg.imported(tc.arguments)},
				resource.TestStep{
					PreConfig: func() {
						tg.sandbox.UpdateImport(tg.onlyImport(t).ID, func(i *sandbox.Import) { i.Status = tc.status })
					},
					Config:            tg.imported(tc.arguments),
					ConfigPlanChecks:  planned(tc.want),
					ConfigStateChecks: []statecheck.StateCheck{tg.imports(imports)},
				},
			)
		})
	}
}

// Which changes of triggers stage a new import, and which are adopted.
func TestAccApplicationImport_triggers(t *testing.T) {
	t.Parallel()

	const (
		noop    = plancheck.ResourceActionNoop
		update  = plancheck.ResourceActionUpdate
		replace = plancheck.ResourceActionDestroyBeforeCreate
	)

	for name, tc := range map[string]struct {
		before, after string
		want          plancheck.ResourceActionType
	}{
		"value changed":    {`triggers = { release = "1" }`, `triggers = { release = "2" }`, replace},
		"key added":        {`triggers = { release = "1" }`, `triggers = { release = "1", file = "a" }`, replace},
		"removed":          {`triggers = { release = "1" }`, ``, replace},
		"emptied":          {`triggers = { release = "1" }`, `triggers = {}`, replace},
		"filled":           {`triggers = {}`, `triggers = { release = "1" }`, replace},
		"empty removed":    {`triggers = {}`, ``, update},
		"added later":      {``, `triggers = { release = "1" }`, update},
		"empty added":      {``, `triggers = {}`, update},
		"value to null":    {`triggers = { release = "1" }`, `triggers = { release = null }`, replace},
		"unchanged":        {`triggers = { release = "1" }`, `triggers = { release = "1" }`, noop},
		"settings changed": {``, "wait_for_completion = false\n cancel_on_destroy = false\n on_timeout = \"warn\"\n restage_on_failure = true", update},
		"timeouts added":   {``, "timeouts {\n create = \"5m\"\n update = \"5m\"\n }", update},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()

			sameID := statecheck.CompareValue(compare.ValuesSame())
			imports := 1

			if tc.want == replace {
				imports = 2
				sameID = statecheck.CompareValue(compare.ValuesDiffer())
			}

			lifecycle(t,
				resource.TestStep{
					Config:            tg.imported(tc.before),
					ConfigStateChecks: []statecheck.StateCheck{sameID.AddStateValue(address, tfjsonpath.New("id"))},
				},
				resource.TestStep{
					Config:           tg.imported(tc.after),
					ConfigPlanChecks: planned(tc.want),
					ConfigStateChecks: []statecheck.StateCheck{
						sameID.AddStateValue(address, tfjsonpath.New("id")), tg.imports(imports), tg.requests(sandbox.OpStage, imports),
					},
				},
			)
		})
	}
}

// A trigger that is known only after another resource was created may have
// changed.
func TestAccApplicationImport_unknownTriggers(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	release := func(v string) string {
		return tg.imported("triggers = { release = terraform_data.release.id }") +
			fmt.Sprintf("resource \"terraform_data\" \"release\" { triggers_replace = %q }\n", v)
	}

	lifecycle(t,
		resource.TestStep{Config: release("1"), ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)}},
		resource.TestStep{
			Config:            release("2"),
			ConfigPlanChecks:  planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(2)},
		},
	)
}

func TestAccApplicationImport_unknownApplication(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})

	lifecycle(t, resource.TestStep{
		Config: tg.config(fmt.Sprintf(`
resource "terraform_data" "id" { input = %q }
resource "terraform_data" "flag" { input = true }
resource "permissionassist_application_import" "test" {
  application_id      = terraform_data.id.output
  wait_for_completion = terraform_data.flag.output
}`, appID)),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectUnknownValue(address, tfjsonpath.New("restage_on_failure")),
		}},
		ConfigStateChecks: []statecheck.StateCheck{
			value("status", knownvalue.StringExact("Finished")),
			value("restage_on_failure", knownvalue.Bool(true)),
			tg.imports(1),
		},
	})
}

// If a data source is read during apply, the application's ID is unknown at
// plan. That does not count as another application: nothing is staged or
// canceled, and dependent resources stay, too. If the application turns out to
// be different, Terraform stops.
func TestAccApplicationImport_applicationReadDuringApply(t *testing.T) {
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
			Config: config("4", "Other", ""), ConfigPlanChecks: kept, ExpectError: text("Provider produced inconsistent final plan"),
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

// An unknown trigger replaces the import, even if the application is unknown,
// too.
func TestAccApplicationImport_applicationAndTriggersUnknown(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	config := func(upstream string) string {
		return tg.config(fmt.Sprintf(`
resource "terraform_data" "upstream" { input = %q }
data "permissionassist_application" "app" {
  name       = %q
  depends_on = [terraform_data.upstream]
}
resource "permissionassist_application_import" "test" {
  application_id = data.permissionassist_application.app.id
  triggers       = { upstream = terraform_data.upstream.output }
}
`, upstream, appName))
	}

	lifecycle(t,
		resource.TestStep{Config: config("1")},
		resource.TestStep{
			Config:            config("2"),
			ConfigPlanChecks:  planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(2)},
		},
	)
}

func TestAccApplicationImport_guidCase(t *testing.T) {
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
			Config:            tg.imported(""),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)},
		},
		resource.TestStep{
			PreConfig: func() {
				tg.sandbox.AddApplication(sandbox.Application{ID: "9b2d1a34-0c5e-4f67-8a91-b2c3d4e5f607", Name: "Fiserv DNA"})
			},
			Config:            tg.config(importResource("9b2d1a34-0c5e-4f67-8a91-b2c3d4e5f607", "")),
			ConfigPlanChecks:  planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(2)},
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
		resource.TestStep{
			Config:            tg.imported("wait_for_completion = false"),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("Finished")), tg.imports(1)},
		},
	)
	tg.expectCount(t, sandbox.OpCancel, 0)
}

// A failed wait in an update keeps the state. The next apply reads that the
// import has failed, and replaces it.
func TestAccApplicationImport_failsWhileUpdateWaits(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.FailBuilds = true })

	lifecycle(t,
		resource.TestStep{Config: tg.imported("")},
		resource.TestStep{
			PreConfig:   tg.releaseAfterPlan,
			Config:      tg.imported("wait_for_completion = true"),
			ExpectError: text("import #1 of Jack Henry Silverlake"),
		},
		resource.TestStep{
			PreConfig: func() {
				tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.FailBuilds = false })
			},
			Config:            tg.imported("wait_for_completion = true"),
			ConfigPlanChecks:  planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("Finished")), tg.imports(2)},
		},
	)
}

func TestAccApplicationImport_timeoutWarns(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	arguments := "wait_for_completion = true\n on_timeout = \"warn\"\n timeouts {\n create = \"1s\"\n update = \"30s\"\n }"

	lifecycle(t,
		resource.TestStep{
			Config:             tg.imported(arguments),
			ConfigStateChecks:  []statecheck.StateCheck{value("status", knownvalue.StringExact("Pending")), tg.imports(1)},
			ExpectNonEmptyPlan: true,
		},
		resource.TestStep{
			PreConfig:         tg.releaseAfterPlan,
			Config:            tg.imported(arguments),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("Finished")), tg.imports(1)},
		},
	)
}
