package staging

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// Ten joins at once make one import.
func TestJoin_concurrent(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		const callers = 10

		s := newServer(t, sandbox.Options{})
		stager := newStager(t, s)
		var (
			wg     sync.WaitGroup
			mu     sync.Mutex
			joined int
		)
		for range callers {
			wg.Go(func() {
				result, err := stager.Join(t.Context(), strings.ToUpper(appID))
				wantOutcome(t, sandboxtest.Staged, result, err)
				if len(result.Unfinished) != 0 || result.Import.ID != s.Imports()[0].ID {
					t.Errorf("the result is %+v", result)
				}
				mu.Lock()
				defer mu.Unlock()
				if result.Joined {
					joined++
				}
			})
		}
		wg.Wait()
		wantPosts(t, s, 1)
		if joined != callers-1 {
			t.Errorf("%d calls joined", joined)
		}
	})
}

// An import is joined only if it is still pending when it is read again. One
// that started meanwhile may have read its files too early.
func TestJoin_readAgain(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		name   string
		status string
		get    *sandbox.Fault
		joins  bool
		gets   int
	}{
		{"pending", sandbox.StatusPending, nil, true, 1},
		{"running", sandbox.StatusRunning, nil, false, 0},
		{"started meanwhile", sandbox.StatusPending, &sandbox.Fault{Action: replacing(`"Pending"`, `"Running"`)}, false, 1},
		{"another application", sandbox.StatusPending, &sandbox.Fault{Action: replacing(appID, otherAppID)}, false, 1},
		{"not readable", sandbox.StatusPending, &sandbox.Fault{Action: sandbox.LoginPage()}, false, 1},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			s := newServer(t, sandbox.Options{})
			older := s.AddImport(sandbox.Import{Status: sandbox.StatusRunning})
			latest := s.AddImport(sandbox.Import{Status: test.status})
			if test.get != nil {
				test.get.Operation = sandbox.OpGetImport
				s.Inject(*test.get)
			}

			result, err := newStager(t, s).Join(t.Context(), appID)
			wantOutcome(t, sandboxtest.Staged, result, err)
			if result.Joined != test.joins || test.joins != (result.Import.ID == latest.ID) || s.Count(sandbox.OpGetImport) != test.gets {
				t.Errorf("joined %v: %+v, requests %v", result.Joined, result.Import, s.Counts())
			}
			want := []int64{latest.Number, older.Number}
			if test.joins {
				want = want[1:]
			}
			if diff := cmp.Diff(want, numbersOf(result.Unfinished)); diff != "" {
				t.Errorf("unfinished imports (-want +got):\n%s", diff)
			}
		})
	}
}
