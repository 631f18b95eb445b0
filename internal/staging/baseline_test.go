package staging

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func TestBaseline_contradicts(t *testing.T) {
	t.Parallel()

	const oldID = "5e6f7a8b-aaaa-4bbb-8ccc-000000000001"
	type imp = permissionassist.ApplicationImport
	before := baseline{applicationID: appID, ids: map[string]bool{oldID: true}, highest: 41}

	for _, test := range []struct {
		name  string
		imp   imp
		isNew bool // in the list
		want  string
	}{
		{"new", imp{ID: importID, Number: 42, Status: permissionassist.StatusPending}, true, ""},
		{"known ID", imp{ID: oldID, Number: 42}, false, "existed"},
		{"highest number", imp{ID: importID, Number: 41}, false, ""},
		{"no number", imp{ID: importID}, false, ""},
		{"finished", imp{ID: importID, Number: 42, Status: permissionassist.StatusFinished}, true, "ended"},
		{"odd status with a build end", imp{ID: importID, Number: 42, Status: "Odd", BuildEnd: "2026"}, true, "ended"},
		{"same application", imp{ID: importID, Number: 42, Application: &permissionassist.Application{ID: strings.ToUpper(appID)}}, true, ""},
		{"other application", imp{ID: importID, Number: 42, Application: &permissionassist.Application{ID: otherAppID}}, true, "application"},
	} {
		isNew, got := before.isNew(test.imp), before.contradicts(test.imp)
		if isNew != test.isNew || (got == "") != (test.want == "") {
			t.Errorf("%s: new %v, %q", test.name, isNew, got)
		}
		wantContains(t, got, test.want)
	}
}

// A good response whose number does not confirm it is believed after one GET.
func TestStage_numberDoesNotConfirm(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		name, number string
		get          sandbox.Action // nil for the sandbox's own
		want         sandboxtest.StageOutcome
	}{
		{"none", "null", sandbox.Action{}, sandboxtest.Staged},
		{"lower", "3", sandbox.Action{}, sandboxtest.Staged},
		{"another application", "null", replacing(appID, otherAppID), sandboxtest.Recovered},
		{"not readable", "null", sandbox.LoginPage(), sandboxtest.Recovered},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			s := newServer(t, sandbox.Options{})
			for range 5 {
				s.AddImport(sandbox.Import{})
			}
			s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: replacing(`"number":6`, `"number":`+test.number)})
			if test.want != sandboxtest.Staged {
				s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Action: test.get})
			}

			result, err := newStager(t, s).Stage(t.Context(), appID)
			wantOutcome(t, test.want, result, err)
			if result.Import.ID != s.Imports()[5].ID {
				t.Errorf("import %s was returned", result.Import.ID)
			}
			wantPosts(t, s, 1)
			if gets := s.Count(sandbox.OpGetImport); test.want == sandboxtest.Staged && (gets != 1 || s.Count(sandbox.OpListImports) != 1) {
				t.Errorf("the requests are %v", s.Counts())
			}
		})
	}
}

// If the baseline cannot be read, nothing is posted, and the next staging
// begins with a baseline again.
func TestStage_baselineUnreadable(t *testing.T) {
	t.Parallel()

	for name, action := range map[string]sandbox.Action{
		"login page":        sandbox.LoginPage(),
		"connection closed": sandbox.CloseConnection(),
	} {
		for page := range 2 {
			inBubble(t, fmt.Sprintf("%s on page %d", name, page+1), func(t *testing.T) {
				s := newServer(t, sandbox.Options{})
				for range 51 {
					s.AddImport(sandbox.Import{})
				}
				fault := s.Inject(failing(page, action))
				stager := newStager(t, s)

				result, err := stager.Stage(t.Context(), appID)
				wantOutcome(t, sandboxtest.NotStaged, result, err)
				wantPosts(t, s, 0)

				fault.Remove()
				learned(t, stager)
				wantPosts(t, s, 1)
			})
		}
	}
}

// A server without the list can stage, and any doubt stays one. A server
// without both endpoints is not the API.
func TestStage_withoutList(t *testing.T) {
	t.Parallel()

	s := newServer(t, sandbox.Options{Dialect: sandbox.Dialect{NoListImports: true}})
	stager := newStager(t, s)
	learned(t, stager)
	s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true})
	result, err := stager.Stage(t.Context(), appID)
	var missing *permissionassist.MissingEndpointError
	if failed := wantOutcome(t, sandboxtest.Uncertain, result, err); !errors.As(failed.SearchErr, &missing) {
		t.Errorf("the list could not be searched because of %v", failed.SearchErr)
	}

	s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Respond(404, "text/html", "")})
	result, err = stager.Stage(t.Context(), appID)
	wantOutcome(t, sandboxtest.NotStaged, result, err)
}

// One absurd number among the application's imports does not keep a lost
// response from being recovered.
func TestStage_absurdNumber(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{})
		for _, number := range []int64{1001, 1 << 53, 1002} {
			s.AddImport(sandbox.Import{Number: number})
		}
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true})
		s.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Times: -1, Action: replacing(fmt.Sprint(int64(1<<53+1)), "1003")})
		s.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: replacing(fmt.Sprint(int64(1<<53+1)), "1003")})

		result, err := newStager(t, s).Stage(t.Context(), appID)
		wantOutcome(t, sandboxtest.Recovered, result, err)
		if result.Import.Number != 1003 {
			t.Errorf("%s was recovered", result.Import)
		}
	})
}
