package staging

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func TestStage_invalid(t *testing.T) {
	t.Parallel()

	s := newServer(t, sandbox.Options{})
	_, errStage := newStager(t, s).Stage(t.Context(), "../"+appID)
	_, errUpload := newStager(t, s).Upload(t.Context(), appID, map[string]string{groupID: "none.csv"})
	wantOutcome(t, sandboxtest.NotStaged, Result{}, errStage)
	wantOutcome(t, sandboxtest.NotStaged, Result{}, errUpload)
	if n := s.Count(""); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// setting is the situation on the server.
type setting struct {
	name      string
	operation sandbox.Operation
	dialect   sandbox.Dialect
	prepare   func(*sandbox.Server) // nil for an empty history
	callers   int
	// reads is how often the list is read before the first POST.
	reads     int
	allFaults bool
}

func settings() []setting {
	pending := func(s *sandbox.Server) {
		s.AddImport(sandbox.Import{Type: sandbox.TypeAPI, Status: sandbox.StatusPending, CreatedBy: "someone else"})
	}
	threePages := func(s *sandbox.Server) {
		for range 110 {
			s.AddImport(sandbox.Import{Type: sandbox.TypeAPI})
		}
		for range 5 {
			pending(s)
		}
		s.AddImport(sandbox.Import{ApplicationID: otherAppID, Status: sandbox.StatusPending})
	}
	otherDialect := sandbox.Dialect{NotStartedFirst: true, UpperCaseIDs: true, OmitApplication: true, ImportType: "Api"}
	return []setting{
		{"stage", sandbox.OpStage, sandbox.Dialect{}, nil, 1, 1, true},
		{"upload", sandbox.OpUpload, sandbox.Dialect{}, nil, 1, 1, true},
		{"three pages, not started last", sandbox.OpStage, sandbox.Dialect{}, threePages, 1, 3, false},
		{"three pages, not started first", sandbox.OpStage, otherDialect, threePages, 1, 3, false},
		{"three callers", sandbox.OpStage, sandbox.Dialect{}, nil, 3, 1, false},
		{"no endpoint for one import", sandbox.OpStage, sandbox.Dialect{NoGetImport: true}, nil, 1, 1, false},
		{"no list", sandbox.OpStage, sandbox.Dialect{NoListImports: true}, nil, 1, 1, false},
	}
}

// For every fault and every situation on the server, the outcome and the number
// of POSTs match the table.
func TestStage_faults(t *testing.T) {
	t.Parallel()

	for _, setting := range settings() {
		t.Run(setting.name, func(t *testing.T) {
			t.Parallel()

			for _, fault := range faultsFor(setting) {
				inBubble(t, fault.Name, func(t *testing.T) { testFault(t, setting, fault) })
			}
		})
	}
}

// faultsFor returns all faults for the plain settings, and one of each kind for
// the others.
func faultsFor(setting setting) []sandboxtest.StageFault {
	var faults []sandboxtest.StageFault
	kinds := map[string]bool{}
	for _, f := range slices.Backward(sandboxtest.StageFaults(testTimeout)) {
		kind := fmt.Sprint(f.Doubt, f.Want, f.Posts, f.Imports, f.Fault.Late > 0)
		if !f.AppliesTo(setting.operation) || !setting.allFaults && kinds[kind] {
			continue
		}
		kinds[kind] = true
		if setting.dialect.NoListImports && f.Doubt != sandboxtest.NoDoubt {
			f.Want = sandboxtest.Uncertain // nothing can be searched
		}
		faults = append(faults, f)
	}
	return faults
}

func testFault(t *testing.T, setting setting, fault sandboxtest.StageFault) {
	t.Helper()
	s := newServer(t, sandbox.Options{Dialect: setting.dialect})
	if setting.prepare != nil {
		setting.prepare(s)
	}
	before := importsOf(s)
	injected := fault.Inject(s, setting.operation)
	outcomes, returned := stageAll(t, newStager(t, s), setting)

	hit := 1
	if fault.Fault.Times == -1 {
		hit = setting.callers
	}
	want := map[sandboxtest.StageOutcome]int{}
	want[sandboxtest.Staged] += setting.callers - hit
	want[fault.Want] += hit
	maps.DeleteFunc(want, func(_ sandboxtest.StageOutcome, n int) bool { return n == 0 })
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if injected.Fired() == 0 {
		t.Error("the fault did not hit a request")
	}
	wantPosts(t, s, hit*fault.Posts+setting.callers-hit)

	created := importsOf(s)
	maps.DeleteFunc(created, func(id string, _ bool) bool { return before[id] })
	for id := range returned {
		if !created[id] {
			t.Errorf("import %s was returned, and the new ones are %v", id, created)
		}
	}
	wantReads(t, s, setting, fault)

	<-time.After(time.Hour) // of the bubble: late work is done
	synctest.Wait()
	if got, want := len(s.Imports())-len(before), hit*fault.Imports+setting.callers-hit; got != want {
		t.Errorf("%d imports were created, want %d", got, want)
	}
}

func importsOf(s *sandbox.Server) map[string]bool {
	ids := map[string]bool{}
	for _, i := range s.Imports() {
		ids[i.ID] = true
	}
	return ids
}

// stageAll has the callers stage at once and returns how often each outcome
// occurred and the imports that were returned.
func stageAll(t *testing.T, stager *Stager, setting setting) (outcomes map[sandboxtest.StageOutcome]int, returned map[string]bool) {
	t.Helper()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		files map[string]string
	)
	if setting.operation == sandbox.OpUpload {
		files = newFile(t)
	}
	outcomes, returned = map[sandboxtest.StageOutcome]int{}, map[string]bool{}
	for range setting.callers {
		wg.Go(func() {
			result, err := stageOrUpload(t.Context(), stager, files)

			mu.Lock()
			defer mu.Unlock()
			outcomes[outcomeOf(result, err)]++
			if err != nil {
				return
			}
			id := strings.ToLower(result.Import.ID)
			if returned[id] {
				t.Errorf("import %s was returned twice", id)
			}
			returned[id] = true
			if !permissionassist.SameGUID(result.Import.Application.ID, appID) {
				t.Errorf("the import is %+v", result.Import)
			}
		})
	}
	wg.Wait()
	return outcomes, returned
}

// wantReads checks how often the list was read before the POST, and for how
// long after it.
func wantReads(t *testing.T, s *sandbox.Server, setting setting, fault sandboxtest.StageFault) {
	t.Helper()
	if setting.callers > 1 {
		return // the others read their baselines
	}
	var searches []time.Time
	before, posted := 0, false
	for _, r := range s.Requests() {
		switch {
		case r.Operation == setting.operation:
			posted = true
		case r.Operation == sandbox.OpListImports && !posted:
			before++
		case r.Operation == sandbox.OpListImports:
			searches = append(searches, r.Time)
		}
	}
	if before != setting.reads {
		t.Errorf("the list was read %d times before the POST, want %d", before, setting.reads)
	}

	searched := !setting.dialect.NoListImports && fault.Doubt != sandboxtest.NoDoubt
	if searched != (len(searches) > 0) {
		t.Fatalf("the list was read %d times after the POST", len(searches))
	}
	if !searched {
		return
	}
	took := searches[len(searches)-1].Sub(searches[0])
	patience := map[sandboxtest.StageDoubt]time.Duration{sandboxtest.Unlikely: briefly, sandboxtest.Unknown: testTimeout}[fault.Doubt]
	found := fault.Want == sandboxtest.Recovered || fault.Want == sandboxtest.Ambiguous
	if found && took > patience || !found && (took < patience || took > patience+tick) {
		t.Errorf("the search took %s, want %s", took, patience)
	}
}

// An import that someone else stages meanwhile is recovered only if nothing
// shows that it is not ours. Candidates are named by number, the highest first.
func TestStage_foreignImport(t *testing.T) {
	t.Parallel()

	theirs := sandbox.Import{Type: sandbox.TypeAPI, CreatedBy: "theirs"}
	for _, test := range []struct {
		name    string
		foreign sandbox.Import
		// learned: this token has staged #1, so its name is known.
		learned, processed bool
		want               sandboxtest.StageOutcome
		candidates         []int64
	}{
		{"names unknown", theirs, false, false, sandboxtest.Recovered, nil},
		{"names known", theirs, true, false, sandboxtest.Ambiguous, []int64{2}},
		{"beside ours", theirs, true, true, sandboxtest.Ambiguous, []int64{3, 2}},
		{"beside ours, names unknown", theirs, false, true, sandboxtest.Ambiguous, []int64{2, 1}},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			s := newServer(t, sandbox.Options{})
			stager := newStager(t, s)
			if test.learned {
				learned(t, stager)
			}
			s.ResetRequests()
			s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: test.processed, When: func(sandbox.Request) bool {
				foreign := test.foreign
				foreign.Status = sandbox.StatusPending
				s.AddImport(foreign)
				return true
			}})

			result, err := stager.Stage(t.Context(), appID)
			failed := wantOutcome(t, test.want, result, err)
			wantPosts(t, s, 1)
			if err == nil {
				return
			}
			if numbers := numbersOf(failed.Candidates); !slices.Equal(numbers, test.candidates) || failed.ApplicationID != appID {
				t.Errorf("the candidates are %+v of application %s", failed.Candidates, failed.ApplicationID)
			}
		})
	}
}

func TestStager_plausible(t *testing.T) {
	t.Parallel()

	type imp = permissionassist.ApplicationImport
	for _, test := range []struct {
		name           string
		learned, found imp
		want           bool
	}{
		{name: "nothing known", found: imp{}, want: true},
		{name: "type Api", found: imp{Type: "Api"}, want: true},
		{name: "type Manual", found: imp{Type: "Manual"}},
		{name: "type Scheduled", found: imp{Type: "Scheduled"}},
		{name: "Scheduled on a server that calls ours so", learned: imp{Type: "Scheduled"}, found: imp{Type: "Scheduled"}, want: true},
		{name: "same name", learned: imp{CreatedBy: "ci"}, found: imp{CreatedBy: "ci"}, want: true},
		{name: "prefix in the response", learned: imp{CreatedBy: "API Token - ci"}, found: imp{CreatedBy: "ci"}, want: true},
		{name: "prefix in the list", learned: imp{CreatedBy: "ci"}, found: imp{CreatedBy: "api token - CI"}, want: true},
		{name: "same name, type Manual", learned: imp{CreatedBy: "ci"}, found: imp{CreatedBy: "ci", Type: "Manual"}, want: true},
		{name: "other name", learned: imp{CreatedBy: "ci"}, found: imp{CreatedBy: "cd"}},
		{name: "other's name unknown", learned: imp{CreatedBy: "ci"}, found: imp{Type: "API"}, want: true},
	} {
		s := New(nil)
		s.learn(test.learned)
		s.learn(permissionassist.ApplicationImport{}) // a response without the fields
		if got := s.plausible(test.found); got != test.want {
			t.Errorf("%s: plausible = %v, want %v", test.name, got, test.want)
		}
	}
}

// Stagings of one application wait for each other; those of two applications do
// not. The end of the context ends the wait.
func TestStage_turns(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Delay(3 * time.Second)})
		stager, start := newStager(t, s), time.Now()

		first := make(chan error)
		go func() {
			_, err := stager.Stage(t.Context(), appID)
			first <- err
		}()
		synctest.Wait()

		if _, err := stager.Stage(t.Context(), otherAppID); err != nil || time.Since(start) > 0 {
			t.Errorf("the other application took %s: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		result, err := stager.Stage(ctx, strings.ToUpper(appID))
		wantOutcome(t, sandboxtest.NotStaged, result, err)
		if took := time.Since(start); took != time.Second || !errors.Is(err, ctx.Err()) {
			t.Errorf("it waited for %s: %v", took, err)
		}
		wantPosts(t, s, 2)
		if err := <-first; err != nil {
			t.Error(err)
		}
	})
}

// With real connections, an upload that breaks off halfway is not sent again,
// and the server may have made an import of the first half.
func TestUpload_halfOverSockets(t *testing.T) {
	t.Parallel()

	files := newFile(t)
	if err := os.Truncate(files[groupID], 32<<20); err != nil { // half is more than the sockets hold
		t.Fatal(err)
	}
	for _, fault := range sandboxtest.StageFaults(testTimeout) {
		if !fault.Fault.HalfUpload || !fault.Fault.Processed {
			continue
		}
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, HTTP/2 %t", fault.Name, http2), func(t *testing.T) {
				t.Parallel()

				s, stager := overSockets(t, http2)
				fault.Inject(s, sandbox.OpUpload)
				result, err := stager.Upload(t.Context(), appID, files)
				wantOutcome(t, fault.Want, result, err)
				wantPosts(t, s, 1)
				if got := len(s.Imports()); got != fault.Imports {
					t.Errorf("%d imports were created, want %d", got, fault.Imports)
				}
			})
		}
	}
}

// overSockets returns a server with the application appID, and a Stager that
// reaches it over real connections.
func overSockets(t *testing.T, http2 bool) (*sandbox.Server, *Stager) {
	t.Helper()
	o := sandbox.Options{Applications: []sandbox.Application{{ID: appID, FileGroups: []sandbox.FileGroup{{ID: groupID, Name: "Users"}}}}}
	s, url, caPEM := sandboxtest.StartTLS(t, o)
	if !http2 {
		s, url = sandboxtest.Start(t, o)
	}
	s.HoldBuilds()
	return s, newStager(t, s, func(cfg *permissionassist.Config) {
		cfg.Endpoint, cfg.TLS, cfg.Transport = url, sandboxtest.Trusting(caPEM), nil
	})
}

// With real connections, which net/http reuses and which break: net/http must
// not repeat the POST.
func TestStage_overSockets(t *testing.T) {
	t.Parallel()

	for _, action := range []sandbox.Action{sandbox.CloseConnection(), sandbox.HalfResponse()} {
		for _, http2 := range []bool{false, true} {
			s, stager := overSockets(t, http2)
			learned(t, stager)
			s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: action})
			result, err := stager.Stage(t.Context(), appID)
			wantOutcome(t, sandboxtest.Recovered, result, err)
			if posts := s.Count(sandbox.OpStage); result.Import.Number != 2 || posts != 2 {
				t.Errorf("over HTTP/2 %t: import %d was recovered after %d POSTs", http2, result.Import.Number, posts)
			}
		}
	}
}
