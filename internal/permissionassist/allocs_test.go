package permissionassist

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/costtest"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// What the client costs, without a clock. What belongs to the whole process is
// counted: these tests do not run in parallel.

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

	costtest.WantAllocs(t, 75, func() {
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

	costtest.WantAllocs(t, 200, func() {
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
	costtest.WantAllocs(t, 10, find)
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
	costtest.WantGoroutines(t, before)
}
