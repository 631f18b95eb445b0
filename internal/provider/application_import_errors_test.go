package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Every documented refusal of a staging becomes a diagnostic that says what
// the API says and what to do, and nothing is in the state.
func TestAccApplicationImport_stageErrors(t *testing.T) {
	t.Parallel()

	application := func(change func(*sandbox.Application)) func(target) {
		return func(tg target) { tg.sandbox.UpdateApplication(appID, change) }
	}
	answer := func(action sandbox.Action) func(target) {
		return func(tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Times: -1, Action: action})
		}
	}

	for name, tc := range map[string]struct {
		arrange func(target)
		want    []string
	}{
		"archived": {
			application(func(a *sandbox.Application) { a.IsArchived = true }),
			[]string{"applicationId: Application is archived", "Correct application_id", "Correlation ID", "Nothing was staged."},
		},
		"unknown": {
			func(tg target) { tg.sandbox.RemoveApplication(appID) },
			[]string{"applicationId:", "Correct application_id"},
		},
		"no schedule": {
			application(func(a *sandbox.Application) { a.Problem = sandbox.NoSchedule }),
			[]string{"422 unprocessable_entity", "Import Privileges > Schedule"},
		},
		"no connector": {
			application(func(a *sandbox.Application) { a.Problem = sandbox.NoConnector }),
			[]string{"422 unprocessable_entity", "connector is available"},
		},
		"no file paths": {
			application(func(a *sandbox.Application) { a.Problem = sandbox.NoFilePaths }),
			[]string{"422 unprocessable_entity", "file paths"},
		},
		"creation failed": {
			application(func(a *sandbox.Application) { a.Problem = sandbox.CreationFailed }),
			[]string{"500 creation_failed", "vendor's support"},
		},
		"token revoked": {
			func(tg target) { tg.sandbox.SetToken("another") },
			[]string{"Invalid or expired authentication token", "PERMISSIONASSIST_TOKEN"},
		},
		"forbidden": {
			answer(sandbox.Envelope(http.StatusForbidden, "forbidden", "This token may not do that")),
			[]string{"This token may not do that", "Ask an administrator"},
		},
		"a proxy's page": {
			answer(sandbox.Answer(http.StatusNotFound, "text/html", "<html>No such page here</html>")),
			[]string{"something that is not the Permission Assist API answered", "No such page here", "Nothing was staged."},
		},
		"terminal escapes": {
			answer(sandbox.Envelope(http.StatusInternalServerError, "server_error", "broken \x1b[31mred\x07")),
			[]string{`broken \x1b[31mred\x07`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tc.arrange(tg)

			var steps []resource.TestStep
			for _, want := range tc.want {
				steps = append(steps, resource.TestStep{Config: tg.imported(""), ExpectError: text(want)})
			}

			lifecycle(t, steps...)

			if n := len(tg.sandbox.Imports()); n != 0 {
				t.Errorf("the server has %d imports, want none", n)
			}

			tg.expectCount(t, sandbox.OpCancel, 0)
		})
	}
}

// Nothing but the API's own "not found" changes the state.
func TestAccApplicationImport_wrongAnswersToARead(t *testing.T) {
	t.Parallel()

	page := func(status int, contentType, body string) sandbox.Action {
		return sandbox.Answer(status, contentType, body)
	}

	for name, action := range map[string]sandbox.Action{
		"HTML 404":       page(http.StatusNotFound, "text/html", "<html>404</html>"),
		"HTML 502":       page(http.StatusBadGateway, "text/html", "<html>502</html>"),
		"empty 404":      page(http.StatusNotFound, "", ""),
		"empty 200":      page(http.StatusOK, "application/json", ""),
		"truncated JSON": page(http.StatusOK, "application/json", `{"id":"`),
		"empty object":   page(http.StatusOK, "application/json", `{}`),
		"wrong types":    page(http.StatusOK, "application/json", `{"id":"`+appID+`","number":"x","status":5}`),
		"another import": page(http.StatusOK, "application/json", `{"id":"`+appID+`","number":7,"status":"Finished"}`),
		"login page":     sandbox.LoginPage(),
		"JSON 404":       page(http.StatusNotFound, "application/json", `{"error":"Not Found","path":"/x"}`),
		"envelope 500":   sandbox.Envelope(http.StatusInternalServerError, "server_error", "oops"),
		"envelope 401":   sandbox.Envelope(http.StatusUnauthorized, "unauthorized", "Invalid or expired authentication token"),
		"closed":         sandbox.CloseConnection(),
		"half an answer": sandbox.HalfAnswer(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()

			config := tg.configWith("max_retries = 0", importResource(appID, ""))

			lifecycle(t,
				resource.TestStep{Config: config},
				resource.TestStep{
					// Everything that reads gives the wrong answer: there is no way round.
					PreConfig: func() {
						for _, op := range []sandbox.Operation{sandbox.OpGetImport, sandbox.OpListImports} {
							tg.sandbox.Inject(sandbox.Fault{Operation: op, Times: -1, Action: action})
						}
					},
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

// A wait survives what passes, and ends with a token that is refused.
func TestAccApplicationImport_faultsWhileWaiting(t *testing.T) {
	t.Parallel()

	t.Run("passing", func(t *testing.T) {
		t.Parallel()

		tg := newSandboxTarget(t, sandbox.Options{})
		tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.BuildTime = nil })

		fault := tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: 3, Action: sandbox.LoginPage()})

		lifecycle(t, resource.TestStep{
			Config:            tg.imported("wait_for_completion = true"),
			ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("Finished")), tg.imports(1)},
		})

		if fault.Fired() != 3 {
			t.Errorf("the fault fired %d times, want 3", fault.Fired())
		}
	})

	t.Run("token revoked", func(t *testing.T) {
		t.Parallel()

		tg := newSandboxTarget(t, sandbox.Options{})
		tg.sandbox.HoldBuilds()
		tg.sandbox.Inject(sandbox.Fault{
			Operation: sandbox.OpGetImport, Times: 1,
			Action: sandbox.Envelope(http.StatusUnauthorized, "unauthorized", "Invalid or expired authentication token"),
		})

		lifecycle(t, resource.TestStep{
			Config:      tg.imported("wait_for_completion = true"),
			ExpectError: text("To wait on, run: terraform untaint ADDRESS"),
		})
		tg.expectCount(t, sandbox.OpStage, 1)
	})

	t.Run("canceled by a person", func(t *testing.T) {
		t.Parallel()

		tg := newSandboxTarget(t, sandbox.Options{})
		tg.sandbox.HoldBuilds()
		tg.sandbox.Inject(sandbox.Fault{
			Operation: sandbox.OpGetImport,
			When: func(sandbox.Request) bool {
				for _, imp := range tg.sandbox.Imports() {
					tg.sandbox.UpdateImport(imp.ID, func(i *sandbox.Import) { i.Status = "Canceled" })
				}

				return false
			},
		})

		lifecycle(t, resource.TestStep{
			Config:      tg.imported("wait_for_completion = true"),
			ExpectError: text("It was canceled in Permission Assist"),
		})
	})
}

// A server of which only the documented paths exist.
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
			ResourceName: address, ImportState: true, ImportStateId: "42",
			ExpectError: text(`"42" is not a GUID`),
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "11111111-2222-3333-4444-555555555555",
			ExpectError: text("Cannot import non-existent remote object"),
		},
	)
}

// After an import, a configuration that sets nothing but the application plans
// without a difference, and one that sets more adopts it in place.
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
