package staging

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func TestBaseline_believe(t *testing.T) {
	t.Parallel()

	const oldID = "5e6f7a8b-aaaa-4bbb-8ccc-000000000001"
	type imp = permissionassist.ApplicationImport
	before := baseline{applicationID: appID, ids: map[string]bool{oldID: true}, highest: 41}
	noList := baseline{applicationID: appID, noList: errors.New("404")}

	for _, test := range []struct {
		name         string
		baseline     baseline
		imp          imp
		isNew, wants bool
	}{
		{"new", before, imp{ID: importID, Number: 42, Status: permissionassist.StatusPending}, true, true},
		{"running", before, imp{ID: importID, Number: 42, Status: permissionassist.StatusRunning}, true, true},
		{"known ID", before, imp{ID: strings.ToUpper(oldID), Number: 42}, false, false},
		{"highest number", before, imp{ID: importID, Number: 41}, false, false},
		{"no number", before, imp{ID: importID}, false, false},
		{"finished", before, imp{ID: importID, Number: 42, Status: permissionassist.StatusFinished}, true, false},
		{"odd status with a build end", before, imp{ID: importID, Number: 42, Status: "Odd", BuildEnd: "2026"}, true, false},
		{"same application", before, imp{ID: importID, Number: 42, Application: &permissionassist.Application{ID: strings.ToUpper(appID)}}, true, true},
		{"other application", before, imp{ID: importID, Number: 42, Application: &permissionassist.Application{ID: otherAppID}}, true, false},
		{"no list", noList, imp{ID: importID}, false, true},
		{"no list, finished", noList, imp{ID: importID, Status: permissionassist.StatusFinished}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			if got := test.baseline.isNew(test.imp); got != test.isNew {
				t.Errorf("isNew = %v, want %v", got, test.isNew)
			}
			err := test.baseline.believe(test.imp)
			if (err == nil) != test.wants {
				t.Errorf("believe returned %v", err)
			}
			if err != nil {
				wantContains(t, err.Error(), test.imp.ID)
			}
		})
	}
}

// If the baseline cannot be read, nothing is posted, and the next staging begins
// with a baseline again.
func TestStage_baselineUnreadable(t *testing.T) {
	t.Parallel()

	for name, action := range map[string]sandbox.Action{
		"500 envelope":      sandbox.Envelope(500, "server_error", "Down"),
		"401 envelope":      sandbox.Envelope(401, "unauthorized", "Invalid or expired authentication token"),
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

				_, err := stager.Stage(t.Context(), appID)
				wantOutcome(t, sandboxtest.NotStaged, Result{}, err)
				wantPosts(t, s, 0)

				fault.Remove()
				learned(t, stager)
				wantPosts(t, s, 1)
			})
		}
	}
}

// A long history is not read, and the highest number is found all the same, even
// on a page that is neither the first nor the last.
func TestReadBaseline_longHistory(t *testing.T) {
	t.Parallel()

	for started, pending := range map[int]int{1000: 30, 50: 61} {
		for _, first := range []bool{true, false} {
			s := newServer(t, sandbox.Options{Dialect: sandbox.Dialect{NotStartedFirst: first}})
			for range started {
				s.AddImport(sandbox.Import{})
			}
			for range pending {
				s.AddImport(sandbox.Import{Status: sandbox.StatusPending})
			}

			b, err := newStager(t, s).readBaseline(t.Context(), appID)
			if err != nil || b.highest != int64(started+pending) {
				t.Errorf("the highest number of %d is %d: %v", started+pending, b.highest, err)
			}
			if reads := s.Count(sandbox.OpListImports); reads > 4 {
				t.Errorf("%d requests were needed for %d imports", reads, started+pending)
			}
		}
	}
}

// A server without the list can stage, and any doubt stays one.
func TestStage_withoutList(t *testing.T) {
	t.Parallel()

	s := newServer(t, sandbox.Options{Dialect: sandbox.Dialect{NoListImports: true}})
	stager := newStager(t, s)
	result, err := stager.Stage(t.Context(), appID)
	wantOutcome(t, sandboxtest.Staged, result, err)

	s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true})
	_, err = stager.Stage(t.Context(), appID)
	var missing *permissionassist.MissingEndpointError
	if failed := wantOutcomeOf(t, Uncertain, err); !errors.As(failed.SearchErr, &missing) {
		t.Errorf("the list could not be searched because of %v", failed.SearchErr)
	}
	wantPosts(t, s, 2)
}
