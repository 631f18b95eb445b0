package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestAccApplicationImport_disappears(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		status  string
		want    plancheck.ResourceActionType
		imports int
	}{
		"before its end":           {"Pending", plancheck.ResourceActionCreate, 1},
		"after its end, retention": {"Failed", plancheck.ResourceActionNoop, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()

			lifecycle(t,
				resource.TestStep{Config: tg.imported("")},
				resource.TestStep{
					PreConfig: func() {
						tg.sandbox.UpdateImport(tg.onlyImport(t).ID, func(i *sandbox.Import) { i.Status = tc.status })
					},
					Config:            tg.imported(""),
					ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact(tc.status))},
				},
				resource.TestStep{
					PreConfig:         func() { tg.sandbox.RemoveImport(tg.onlyImport(t).ID) },
					Config:            tg.imported(""),
					ConfigPlanChecks:  planned(tc.want),
					ConfigStateChecks: []statecheck.StateCheck{tg.imports(tc.imports)},
				},
			)
		})
	}
}

// An administrator's retention removes a failed import as soon as another one
// of its application succeeds.
func TestAccApplicationImport_retention(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{Retention: true})
	settle := func() {
		if err := tg.sandbox.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	fail := func(fails bool) {
		tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.FailBuilds = fails })
	}

	fail(true)

	lifecycle(t,
		resource.TestStep{Config: tg.imported("")},
		resource.TestStep{
			PreConfig:         settle,
			Config:            tg.imported(""),
			ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("Failed"))},
		},
		resource.TestStep{
			PreConfig: func() {
				fail(false)
				tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: sandbox.StatusPending})
				settle()
				tg.sandbox.ResetRequests()
			},
			Config:            tg.imported(""),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(1), tg.requests("", 0)},
		},
	)
}

func TestAccApplicationImport_destroy(t *testing.T) {
	t.Parallel()

	setStatus := func(status string) func(target, string) {
		return func(tg target, id string) {
			tg.sandbox.UpdateImport(id, func(i *sandbox.Import) { i.Status = status })
		}
	}

	for name, tc := range map[string]struct {
		arguments string
		before    func(tg target, id string)
		cancels   int
		status    string
	}{
		"pending":                 {"", func(target, string) {}, 1, "Canceling"},
		"running":                 {"", setStatus("Running"), 1, "Canceling"},
		"paused":                  {"", setStatus("Awaiting Review"), 1, "Canceling"},
		"canceling":               {"", setStatus("Canceling"), 1, "Canceling"},
		"finished":                {"", setStatus("Finished"), 0, "Finished"},
		"purged":                  {"", func(tg target, id string) { tg.sandbox.RemoveImport(id) }, 0, ""},
		"not to be canceled":      {"cancel_on_destroy = false", func(target, string) {}, 0, "Pending"},
		"ends meanwhile":          {"", endsBeforeCancel("Finished"), 1, "Finished"},
		"disappears meanwhile":    {"", endsBeforeCancel(""), 1, ""},
		"answer lost, then asked": {"", loseCancel, 2, "Canceling"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()

			lifecycle(t,
				resource.TestStep{Config: tg.imported(tc.arguments)},
				resource.TestStep{
					PreConfig: func() { tc.before(tg, tg.onlyImport(t).ID) },
					Config:    tg.imported(tc.arguments),
					Destroy:   true,
				},
			)
			tg.expectCount(t, sandbox.OpCancel, tc.cancels)

			if tc.status != "" && tg.onlyImport(t).Status != tc.status {
				t.Errorf("after destroy the import is %s, want %s", tg.onlyImport(t).Status, tc.status)
			}
		})
	}
}

// endsBeforeCancel has an import end, or disappear, between the refresh and the
// cancel request of a destroy.
func endsBeforeCancel(status string) func(target, string) {
	return func(tg target, id string) {
		tg.sandbox.Inject(sandbox.Fault{
			Operation: sandbox.OpCancel,
			When: func(sandbox.Request) bool {
				if status == "" {
					tg.sandbox.RemoveImport(id)
				} else {
					tg.sandbox.UpdateImport(id, func(i *sandbox.Import) { i.Status = status })
				}

				return false
			},
		})
	}
}

func loseCancel(tg target, _ string) {
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Processed: true, Action: sandbox.CloseConnection()})
}
