package permissionassist

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// What the client costs, without a clock. What belongs to the whole process is
// counted: these tests do not run in parallel.

// wantAllocs fails the test where f allocates more often than most on average.
// The margin in most is for other versions of Go and for the race detector.
func wantAllocs(t *testing.T, most float64, f func()) {
	t.Helper()

	got := testing.AllocsPerRun(100, f)
	t.Logf("%.0f allocations", got)

	if got > most {
		t.Errorf("%.0f allocations, want %.0f at most", got, most)
	}
}

// finishedJSON is a whole import, with a log, as the server answers it.
var finishedJSON = `{"id":"` + importID + `","kind":"Application Import","number":42,"type":"API","status":"Finished","createdBy":"terraform",
	"buildStart":"2026-02-20T08:15:00Z","buildEnd":"2026-02-20T08:16:00Z","log":"` + strings.Repeat(`one line of the log\n`, 200) + `",
	"files":[{"id":"` + unknownID + `","fileGroupId":"` + otherAppID + `","fileGroup":"Users","name":"users.csv"}],
	"metrics":{"users":{"added":3,"removed":0}},
	"application":{"id":"` + appID + `","name":"Jack Henry Silverlake","priority":"High","isArchived":false,"lastUpdated":"2026-02-20T08:15:00Z"}}`

// canned answers each request without a server: only the client allocates.
type canned string

// RoundTrip implements http.RoundTripper.
func (body canned) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Request: req, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   io.NopCloser(strings.NewReader(string(body))),
	}, nil
}

func TestAllocsDecodeImport(t *testing.T) {
	c := newTestClient(t, http.NotFoundHandler())
	a := answer{status: http.StatusOK, body: []byte(finishedJSON)}

	wantAllocs(t, 75, func() {
		var w wireImport
		if err := c.decode(a, http.MethodGet, "/api/application-imports/"+importID, &w); err != nil {
			t.Fatal(err)
		}

		if imp := w.toImport(); imp.Number != 42 {
			t.Fatalf("the import is %+v", imp)
		}
	})
}

func TestAllocsGetImport(t *testing.T) {
	c := newTestClient(t, http.NotFoundHandler())
	transportOf(t, c).next = canned(finishedJSON)

	wantAllocs(t, 200, func() {
		if _, err := c.GetImport(t.Context(), importID, appID); err != nil {
			t.Fatal(err)
		}
	})
}

// A look-up in the list that has been read costs nothing but its result.
func TestAllocsFindApplications(t *testing.T) {
	c := newTestClient(t, newSandbox(t, sandbox.Options{}))

	find := func() {
		if found, err := c.FindApplications(t.Context(), "jack henry silverlake"); err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
	}

	find()
	wantAllocs(t, 10, find)
}

// Close leaves nothing behind: no connection, and no goroutine of one.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	s, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID, Name: "Jack Henry Silverlake"}}})
	before := runtime.NumGoroutine()

	c, err := New(Config{Endpoint: url, Token: testToken})
	if err != nil {
		t.Fatal(err)
	}

	var together sync.WaitGroup
	for range 10 {
		together.Go(func() {
			if _, err := c.StageImport(t.Context(), appID); err != nil {
				t.Error(err)
			}
		})
	}

	together.Wait()
	wantRequests(t, s, sandbox.OpStage, 10)

	if runtime.NumGoroutine() == before {
		t.Error("no connection is kept for the next request")
	}

	c.Close()
	wantGoroutines(t, before)
}

// wantGoroutines waits until no more goroutines are left than before.
func wantGoroutines(t *testing.T, before int) {
	t.Helper()

	deadline := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("there are %d goroutines, want %d\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}

		runtime.Gosched()
	}
}
