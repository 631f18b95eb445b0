package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestRequests(t *testing.T) {
	var observed []sandbox.Request
	s := newServer(t, sandbox.Options{OnRequest: func(r sandbox.Request) { observed = append(observed, r) }})
	post(s, stagePath, stageRequest(coreID))
	get(s, importsPath+"?page=2")
	refused := get(s, "/api/applications/"+unknownID)

	want := sandbox.Request{
		Operation: sandbox.OpListImports, Method: "GET", Path: importsPath, RawQuery: "page=2", Host: "example.com",
		Header: http.Header{}, Authorized: true, Processed: true, Status: 200,
	}
	got := s.Requests()
	if diff := cmp.Diff(want, got[1], cmpopts.IgnoreFields(sandbox.Request{}, "Time")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if string(got[0].Body) != stageRequest(coreID) || got[2].Status != 404 || got[2].CorrelationID != refused.field("correlationId") {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff(got, observed); diff != "" {
		t.Errorf("observed (-recorded +observed):\n%s", diff)
	}
	counts := map[sandbox.Operation]int{sandbox.OpStage: 1, sandbox.OpListImports: 1, sandbox.OpGetApplication: 1}
	if diff := cmp.Diff(counts, s.Counts()); diff != "" || s.Count("") != 3 || s.Count(sandbox.OpStage) != 1 {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	s.ResetRequests()
	if len(s.Requests()) != 0 || s.Count("") != 0 || len(s.Counts()) != 0 {
		t.Error("requests are left")
	}
}
