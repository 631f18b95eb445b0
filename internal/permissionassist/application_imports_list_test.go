package permissionassist

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// addHistory adds n imports that have ended, and returns the number of the
// last.
func addHistory(s *sandbox.Server, n int) int64 {
	var last int64
	start := time.Date(2026, 2, 20, 8, 15, 0, 0, time.UTC)
	for i := range n {
		at := start.Add(time.Duration(i) * time.Minute)
		last = s.AddImport(sandbox.Import{ApplicationID: appID, BuildStart: &at}).Number
	}
	return last
}

// pagesOf returns the pages of the list that were requested.
func pagesOf(s *sandbox.Server) []string {
	var pages []string
	for _, r := range s.Requests() {
		if r.Operation == sandbox.OpListImports {
			_, n, _ := strings.Cut(r.RawQuery, "page=")
			pages = append(pages, n)
		}
	}
	return pages
}

// A long history is not read to find the recent imports, wherever those that
// have not started are. All imports are found, too.
func TestRecentApplicationImports(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		history, notStarted int
		first               bool // those not started come first
		pages               []string
	}{
		{0, 0, false, []string{"1"}},
		{49, 1, false, []string{"1"}},
		{49, 1, true, []string{"1"}},
		{50, 1, false, []string{"1", "2", "1"}},
		{50, 1, true, []string{"1", "2", "1"}},
		{1000, 0, false, []string{"1", "20", "1"}},
		{950, 50, false, []string{"1", "20", "19", "1"}},
		{950, 50, true, []string{"1", "2", "20", "1"}},
		{60, 90, false, []string{"1", "3", "2", "1"}},
		{60, 90, true, []string{"1", "2", "3", "1"}},
	} {
		t.Run(fmt.Sprintf("%d and %d, not started first: %t", test.history, test.notStarted, test.first), func(t *testing.T) {
			t.Parallel()

			s := newSandbox(t, sandbox.Options{
				Applications: []sandbox.Application{{ID: appID}, {ID: otherAppID}}, Dialect: sandbox.Dialect{NotStartedFirst: test.first},
			})
			started := addHistory(s, test.history)
			for range test.notStarted {
				s.AddImport(sandbox.Import{ApplicationID: appID, Status: "Paused"})
			}
			s.AddImport(sandbox.Import{ApplicationID: otherAppID})
			c, total := newTestClient(t, s), test.history+test.notStarted

			got, err := c.RecentApplicationImports(t.Context(), strings.ToUpper(appID))
			numbers := numbersOf(got)
			if err != nil || !slices.IsSortedFunc(numbers, highestFirst) {
				t.Errorf("the numbers are %v, %v", numbers, err)
			}
			for number := max(1, started); number <= int64(total); number++ {
				if !slices.Contains(numbers, number) {
					t.Errorf("import %d is missing", number)
				}
			}
			if got := pagesOf(s); !slices.Equal(got, test.pages) {
				t.Errorf("the pages are %v, want %v", got, test.pages)
			}

			all, err := c.AllApplicationImports(t.Context(), appID)
			if err != nil || len(all) != total || !slices.IsSortedFunc(numbersOf(all), highestFirst) {
				t.Errorf("all imports are %v, %v", numbersOf(all), err)
			}
		})
	}
}

func highestFirst(a, b int64) int { return int(b - a) }

// Recent imports are found even if the list changes before its last page is
// read.
func TestRecentApplicationImports_moves(t *testing.T) {
	t.Parallel()

	starts := func(s *sandbox.Server, notStarted string) {
		s.UpdateImport(notStarted, func(i *sandbox.Import) {
			now := time.Now().Add(time.Hour)
			i.Status, i.BuildStart = sandbox.StatusRunning, &now
		})
	}
	oldOneIsRemoved := func(s *sandbox.Server, _ string) { s.RemoveImport(s.Imports()[50].ID) }
	for name, test := range map[string]struct {
		read    func(*Client, context.Context, string) ([]ApplicationImport, error)
		history int
		move    func(s *sandbox.Server, notStarted string)
	}{
		"it starts":              {(*Client).RecentApplicationImports, 99, starts},
		"it starts, all":         {(*Client).AllApplicationImports, 99, starts},
		"the last page vanishes": {(*Client).RecentApplicationImports, 100, oldOneIsRemoved}, // all: documented to be missed
	} {
		s := newSandbox(t, sandbox.Options{})
		addHistory(s, test.history)
		notStarted := s.AddImport(sandbox.Import{ApplicationID: appID, Status: "Paused"})
		n := 0
		s.Inject(sandbox.Fault{Operation: sandbox.OpListImports, When: func(sandbox.Request) bool {
			if n++; n == 2 {
				test.move(s, notStarted.ID)
			}
			return false
		}})

		got, err := test.read(newTestClient(t, s), t.Context(), appID)
		numbers := numbersOf(got)
		if err != nil || !slices.Contains(numbers, notStarted.Number) {
			t.Errorf("%s: import %d is missing from %v, %v", name, notStarted.Number, numbers, err)
		}
		slices.Sort(numbers)
		if len(slices.Compact(numbers)) != len(got) {
			t.Errorf("%s: one came twice: %v", name, numbers)
		}
	}
}

// A number far above the others is not the highest, wherever it is.
func TestSortByNumber(t *testing.T) {
	t.Parallel()

	const absurd = 1 << 53
	for _, test := range [][2][]int64{
		{{}, {}},
		{{7}, {7}},
		{{absurd}, {absurd}},
		{{absurd, 1001}, {1001, absurd}},
		{{1000, absurd, 1002, 0}, {1002, 1000, 0, absurd}},
		{{absurd, 3, 5_000_001, 5_000_000, absurd - 1}, {5_000_001, 5_000_000, 3, absurd, absurd - 1}},
		{{0, 0, 0, 5_000_000}, {5_000_000, 0, 0, 0}},
		{{1, 900_000, 1_800_000}, {1_800_000, 900_000, 1}},
	} {
		var imports []ApplicationImport
		for _, n := range test[0] {
			imports = append(imports, ApplicationImport{Number: n})
		}
		if sortByNumber(imports); !slices.Equal(numbersOf(imports), test[1]) {
			t.Errorf("%v becomes %v, want %v", test[0], numbersOf(imports), test[1])
		}
	}
}

// An import that turns out to be of another application, or of one that cannot
// be read, is not that application's.
func TestFound_otherApplication(t *testing.T) {
	t.Parallel()

	for _, application := range []string{`{"id":"` + otherAppID + `"}`, `"Silverlake"`, `{"name":"x"}`, `[]`} {
		item := `{"id":"` + importID + `","number":7}`
		f := &fakeServer{one: replyJSON(200, `{"id":"`+importID+`","number":7,"application":`+application+`}`), list: listOf(item)}
		c := newTestClient(t, f)
		_, latest := c.LatestApplicationImport(t.Context(), appID)
		_, numbered := c.FindApplicationImport(t.Context(), appID, 7)
		_, refreshed := c.RefreshApplicationImport(t.Context(), ApplicationImport{ID: importID, Application: &Application{ID: appID}})
		for _, err := range []error{latest, numbered, refreshed} {
			if other := wantErrorAs[*OtherApplicationError](t, err); other.Error() == "" || other.ApplicationID != appID {
				t.Errorf("%s: %+v", application, other)
			}
		}
		f.list = listOf(`{"id":"` + importID + `","application":` + application + `}`)
		if all, err := c.AllApplicationImports(t.Context(), appID); err != nil || len(all) != 0 {
			t.Errorf("%s: %+v, %v", application, all, err)
		}
	}
}

// A server that ignores the filter: other applications' imports are left out.
func TestListed_ignoredFilter(t *testing.T) {
	t.Parallel()

	item := func(n int, application string) string {
		return fmt.Sprintf(`{"id":%q,"number":%d,"buildStart":"2026","application":%s}`, numberedID(n), n, application)
	}
	pages := []http.HandlerFunc{
		page("["+item(1, `{"id":"`+otherAppID+`"}`)+"]", `,"totalPages":3`),
		page("["+item(2, `{"id":"`+strings.ToUpper(appID)+`"}`)+","+item(3, `{"id":"`+otherAppID+`"}`)+"]", `,"totalPages":3`),
		page("["+item(4, `null`)+","+item(5, `{"id":"`+appID+`"}`)+"]", `,"totalPages":3`),
	}
	all, err := newTestClient(t, responding(pages...)).AllApplicationImports(t.Context(), appID)
	if err != nil || !slices.Equal(numbersOf(all), []int64{5, 4, 2}) {
		t.Errorf("the imports are %v, %v", numbersOf(all), err)
	}
	// The first page has none of this application's, so the second is read, too.
	recent, err := newTestClient(t, responding(pages...)).RecentApplicationImports(t.Context(), appID)
	if err != nil || !slices.Equal(numbersOf(recent), []int64{5, 4, 2}) {
		t.Errorf("the recent imports are %v, %v", numbersOf(recent), err)
	}
}

// The latest with one of the statuses is found without reading the pages after
// it.
func TestLatestApplicationImport(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		statuses []string
		want     int64 // 0 for ErrNoImports
		pages    []string
	}{
		"any":                  {nil, 191, []string{"1", "4", "1"}},
		"last success":         {[]string{"finished"}, 140, []string{"1", "2"}},
		"last success, failed": {[]string{"Finished", "Failed"}, 190, []string{"1"}},
		"some undocumented":    {[]string{"Failed", "FINISHED", "other"}, 190, []string{"1", "4", "1"}},
		"not the oldest":       {[]string{"Finished", "Canceled"}, 140, []string{"1", "2", "4", "1"}},
		"not started":          {[]string{"Pending"}, 191, []string{"1", "4", "1"}},
		"none is running":      {[]string{"Running", "Canceling"}, 0, []string{"1", "4", "1"}},
		"canceled":             {[]string{"Canceled"}, 80, []string{"1", "2", "3", "4", "1"}},
		"unknown":              {[]string{"Paused"}, 0, []string{"1", "2", "3", "4", "1"}},
	} {
		s := newSandbox(t, sandbox.Options{})
		s.HoldBuilds()
		addHistory(s, 190)
		for i, imp := range s.Imports() {
			s.UpdateImport(imp.ID, func(imp *sandbox.Import) {
				switch {
				case i >= 140:
					imp.Status = sandbox.StatusFailed
				case i == 79:
					imp.Status = sandbox.StatusCanceled
				}
			})
		}
		s.AddImport(sandbox.Import{Status: sandbox.StatusPending})

		got, err := newTestClient(t, s).LatestApplicationImport(t.Context(), appID, test.statuses...)
		if test.want == 0 {
			wantErrorIs(t, err, ErrNoImports)
		} else if err != nil || got.Number != test.want {
			t.Errorf("%s: import %d, %v", name, got.Number, err)
		}
		if pages := pagesOf(s); !slices.Equal(pages, test.pages) {
			t.Errorf("%s: the pages are %v, want %v", name, pages, test.pages)
		}
	}
}

// The list is read until the number is found.
func TestFindApplicationImport(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{})
	addHistory(s, 120)
	got, err := newTestClient(t, s).FindApplicationImport(t.Context(), appID, 60)
	if pages := pagesOf(s); err != nil || got.Number != 60 || got.CreatedBy == "" || !slices.Equal(pages, []string{"1", "2"}) {
		t.Errorf("%+v, %v, the pages are %v", got, err, pages)
	}
}

// The search for an import reads the recent imports first, then all.
func TestFindInList(t *testing.T) {
	t.Parallel()

	for number, want := range map[int64][]string{
		221: {"1", "5", "1"}, // recent: on the last page, because it has not started
		5:   {"1", "5", "1"}, // on the last page by chance
		150: {"1", "5", "1", "1", "2"},
		60:  {"1", "5", "1", "1", "2", "3", "4"},
		0:   {"1", "5", "1", "1", "2", "3", "4", "5", "1"}, // nowhere
	} {
		s := newSandbox(t, sandbox.Options{Dialect: sandbox.Dialect{NoGetImport: true}})
		addHistory(s, 220)
		s.AddImport(sandbox.Import{Status: "Paused"})
		id := unknownID
		if number > 0 {
			id = s.Imports()[number-1].ID
		}

		got, err := newTestClient(t, s).GetApplicationImport(t.Context(), strings.ToUpper(id))
		if number == 0 {
			wantErrorIs(t, err, ErrNotListed)
		} else if err != nil || got.Number != number {
			t.Errorf("import %d is %+v, %v", number, got, err)
		}
		if got := pagesOf(s); !slices.Equal(got, want) {
			t.Errorf("import %d: the pages are %v, want %v", number, got, want)
		}
	}
}
