package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const importsAddress = "data.permissionassist_application_imports.test"

func importsData(arguments string) string {
	return "data \"permissionassist_application_imports\" \"test\" {\n " + arguments + "\n}\n"
}

// numbered is a state check of the data source's imports.
func numbered(numbers ...int64) statecheck.StateCheck {
	objects := make([]knownvalue.Check, 0, len(numbers))
	for _, n := range numbers {
		objects = append(objects, knownvalue.ObjectPartial(map[string]knownvalue.Check{"number": knownvalue.Int64Exact(n)}))
	}

	return statecheck.ExpectKnownValue(importsAddress, tfjsonpath.New("imports"), knownvalue.ListExact(objects))
}

func countdown(from, to int64) []int64 {
	var numbers []int64
	for n := from; n >= to; n-- {
		numbers = append(numbers, n)
	}

	return numbers
}

func TestAccApplicationImportsDataSource_filters(t *testing.T) {
	t.Parallel()

	for name, d := range map[string]sandbox.Dialect{
		"fullest":                {},
		"without inferred paths": {NoGetImport: true, NoGetApplication: true, NotStartedFirst: true, ExtraFields: true, TimesWithoutZone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := importsTarget(t, d)
			step := func(arguments string, check statecheck.StateCheck) resource.TestStep {
				return resource.TestStep{Config: tg.config(importsData(arguments)), ConfigStateChecks: []statecheck.StateCheck{check}}
			}
			ofApp := fmt.Sprintf("application_id = %q\n", strings.ToUpper(appID))

			lifecycle(t,
				step("", numbered(countdown(122, 1)...)),
				step(ofApp, numbered(countdown(121, 1)...)),
				step(fmt.Sprintf("application_id = %q", otherTwin), numbered()),
				step(fmt.Sprintf("application_id = %q", noID), numbered()),
				step(ofApp+`statuses = ["failed", "PAUSED"]`, numbered(121, 61, 1)),
				step(ofApp+`statuses = ["Running"]`, numbered()),
				step(`statuses = ["Paused"]`, statecheck.ExpectKnownValue(importsAddress, tfjsonpath.New("imports"),
					knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id": knownvalue.StringExact(importedID), "number": knownvalue.Int64Exact(121), "type": knownvalue.StringExact("Manual"),
						"status": knownvalue.StringExact("Paused"), "build_start": knownvalue.Null(), "build_end": knownvalue.Null(),
						"application": knownvalue.ObjectExact(map[string]knownvalue.Check{
							"id": knownvalue.StringExact(appID), "name": knownvalue.StringExact(appName), "priority": knownvalue.StringExact("Critical"),
							"is_archived": knownvalue.Bool(false), "last_updated": knownvalue.NotNull(),
						}),
					})}))),
			)
		})
	}
}

func TestAccApplicationImportsDataSource_invalid(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})

	var steps []resource.TestStep

	for argument, want := range map[string]string{
		`application_id = "core"`:     `"core" is not a GUID`,
		`statuses = []`:               "must contain at least 1 elements",
		`statuses = ["Failed", ""]`:   "string length must be at least 1",
		`statuses = ["Failed", null]`: "Null Set Value",
	} {
		steps = append(steps, resource.TestStep{Config: tg.config(importsData(argument)), PlanOnly: true, ExpectError: text(want)})
	}

	lifecycle(t, steps...)
	tg.expectCount(t, "", 0)
}

func TestAccApplicationImportsDataSource_unknown(t *testing.T) {
	t.Parallel()

	tg := importsTarget(t, sandbox.Dialect{})

	for name, argument := range map[string]string{
		"application_id": `application_id = terraform_data.later.output.id`,
		"statuses":       `statuses = [terraform_data.later.output.status, "Failed"]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			want := numbered(122)
			if name == "statuses" {
				want = numbered(121, 61, 1)
			}

			lifecycle(t, resource.TestStep{
				Config: tg.config(importsData(argument) + fmt.Sprintf(`
resource "terraform_data" "later" {
  input = { id = %q, status = "Paused" }
}`, twinID)),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue(importsAddress, tfjsonpath.New("imports")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{want},
			})
		})
	}
}

// A read requests each page, and the first page again if there are several.
func TestApplicationImportsDataSource_requests(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		arguments values
		lists     int
	}{
		"all":             {nil, 4},
		"an application":  {values{"application_id": str(appID)}, 4},
		"on one page":     {values{"application_id": str(twinID)}, 1},
		"without imports": {values{"application_id": str(otherTwin)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := importsTarget(t, sandbox.Dialect{})

			if text := details(configuredProtocol(t, tg).readData("permissionassist_application_imports", test.arguments).Diagnostics); text != "" {
				t.Fatal(text)
			}

			tg.expectCount(t, sandbox.OpListImports, test.lists)
			tg.expectCount(t, "", test.lists)
		})
	}
}

// An import of a removed application, and an import without a number.
func TestAccApplicationImportsDataSource_unreported(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Times: -1, Action: sandbox.Respond(http.StatusOK, "application/json",
		`{"items":[{"id":"`+twinID+`"},{"id":"`+importedID+`","number":7,"type":"Api","status":"finished","application":null}]}`)})

	at := func(i int, attribute string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(importsAddress, tfjsonpath.New("imports").AtSliceIndex(i).AtMapKey(attribute), want)
	}

	lifecycle(t, resource.TestStep{
		Config: tg.config(importsData("")),
		ConfigStateChecks: []statecheck.StateCheck{
			at(0, "id", knownvalue.StringExact(importedID)), at(0, "type", knownvalue.StringExact("API")), at(0, "status", knownvalue.StringExact("Finished")),
			at(0, "application", knownvalue.Null()),
			at(1, "id", knownvalue.StringExact(twinID)), at(1, "number", knownvalue.Null()), at(1, "status", knownvalue.Null()),
			at(1, "application", knownvalue.Null()),
		},
	})
}

func TestApplicationImportsDataSource_errors(t *testing.T) {
	t.Parallel()

	tg := importsTarget(t, sandbox.Dialect{})
	// If the last page cannot be read, there is no partial list.
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Skip: 2, Times: -1, Action: sandbox.Envelope(http.StatusForbidden, "forbidden", "No")})

	resp := configuredProtocol(t, tg).readData("permissionassist_application_imports", nil)

	text := details(resp.Diagnostics)
	expectAll(t, text, "Imports could not be listed", "403 forbidden", "Ask an administrator")
}
