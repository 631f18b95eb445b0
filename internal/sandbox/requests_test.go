package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestRequests(t *testing.T) {
	var observed []sandbox.Request
	s := heldServer(t, sandbox.Options{OnRequest: func(r sandbox.Request) { observed = append(observed, r) }})
	body := `{"applicationId":"` + coreID + `"}`
	post(s, "/api/application-imports/stage", body)
	get(s, "/api/application-imports?page=2")
	get(s, "/api/applications/"+unknownID)

	want := []sandbox.Request{
		{
			Operation: sandbox.OpStage, Method: "POST", Path: "/api/application-imports/stage", Host: "example.com",
			Header:     http.Header{"Content-Type": {"application/json"}},
			Authorized: true, Body: []byte(body), Status: 201, Processed: true,
		},
		{
			Operation: sandbox.OpListImports, Method: "GET", Path: "/api/application-imports", RawQuery: "page=2",
			Host: "example.com", Header: http.Header{}, Authorized: true, Status: 200, Processed: true,
		},
		{
			Operation: sandbox.OpGetApplication, Method: "GET", Path: "/api/applications/" + unknownID,
			Host: "example.com", Header: http.Header{}, Authorized: true, Status: 404, Processed: true,
		},
	}
	got := s.Requests()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(sandbox.Request{}, "Time", "CorrelationID")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(got, observed); diff != "" {
		t.Errorf("observed (-recorded +observed):\n%s", diff)
	}
	if time.Since(got[0].Time) > time.Minute || got[0].CorrelationID != "" || got[2].CorrelationID == "" {
		t.Errorf("got %+v", got)
	}

	got[0].Header.Set("X-Changed", "yes")
	got[0].Body[0] = 'x'
	if again := s.Requests()[0]; again.Header.Get("X-Changed") != "" || string(again.Body) != body {
		t.Error("a test's change to its copy reached the server")
	}
	if s.Count(sandbox.OpStage) != 1 || s.Count(sandbox.OpCancel) != 0 || s.Count("") != 3 {
		t.Error("wrong counts")
	}
	wantCounts := map[sandbox.Operation]int{sandbox.OpStage: 1, sandbox.OpListImports: 1, sandbox.OpGetApplication: 1}
	if diff := cmp.Diff(wantCounts, s.Counts()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	s.ResetRequests()
	if len(s.Requests()) != 0 || s.Count(sandbox.OpStage) != 0 || s.Count("") != 0 || len(s.Counts()) != 0 {
		t.Error("requests are left")
	}
}

func TestRequestsAreBounded(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	const n = 20_001
	for range n {
		get(s, "/")
	}
	if kept := len(s.Requests()); kept != 10_001 || s.Count("") != n {
		t.Errorf("kept %d, counted %d", kept, s.Count(""))
	}
}

func TestAwaitCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{})
		waited := make(chan error)
		go func() { waited <- s.AwaitCount(t.Context(), sandbox.OpListApplications, 2) }()
		get(s, "/api/applications")
		synctest.Wait()
		select {
		case err := <-waited:
			t.Errorf("did not wait for the second request: %v", err)
		default:
		}
		get(s, "/api/applications")
		if err := <-waited; err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("enough")
		cancel(reason)
		if err := s.AwaitCount(ctx, "", 3); !errors.Is(err, reason) {
			t.Errorf("got %v", err)
		}
	})
}
