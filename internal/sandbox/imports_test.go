package sandbox_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// A response in the form of the documentation.
func TestStage(t *testing.T) {
	s := newServer(t, sandbox.Options{TokenName: "pipeline"})
	s.AddImport(sandbox.Import{Number: 41})
	got := post(s, stagePath, stageRequest(strings.ToUpper(coreID)))
	id := got.field("id")
	if got.status != http.StatusCreated || !guid.MatchString(id) {
		t.Fatalf("got %d %s", got.status, got.text)
	}
	want := map[string]any{
		"id": id, "kind": "Application Import", "number": 42.0, "type": "API", "status": "Pending",
		"createdBy": "pipeline", "buildStart": nil, "buildEnd": nil, "log": nil, "files": []any{}, "metrics": nil,
		"application": map[string]any{
			"id": coreID, "kind": "Application", "name": "Jack Henry Silverlake", "priority": "High",
			"isArchived": false, "lastUpdated": "2026-02-20T08:15:00Z",
		},
	}
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, get(s, importsPath+"/"+strings.ToUpper(id)).body); diff != "" {
		t.Errorf("get (-want +got):\n%s", diff)
	}
	for _, field := range []string{"createdBy", "log", "files", "metrics"} {
		delete(want, field)
	}
	if diff := cmp.Diff(want, get(s, importsPath).items()[1]); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	if again := post(s, stagePath, stageRequest(coreID)); again.body["number"] != 43.0 || len(s.Imports()) != 3 {
		t.Errorf("it is idempotent: %s", again.text)
	}
}

func TestStage_refused(t *testing.T) {
	const invalid, unprocessable = "validation_error", "unprocessable_entity"
	s := newServer(t, sandbox.Options{})
	for body, fragment := range map[string]string{
		`{}`:                                 `{"field":"applicationId","message":"Application id is required"}`,
		`{"applicationID":"` + coreID + `"}`: "is required",
		stageRequest("Silverlake"):           "not a valid GUID",
		stageRequest(unknownID):              "not found",
		`{"applicationId":`:                  "not valid JSON",
		`{} {}`:                              "not valid JSON",
		`[]`:                                 "not valid JSON",
		`{"applicationId":7}`:                "not a text",
	} {
		wantError(t, post(s, stagePath, body), http.StatusBadRequest, invalid, fragment)
	}
	for _, tc := range []struct {
		problem  sandbox.Problem
		status   int
		code     string
		fragment string
	}{
		{sandbox.NoSchedule, 422, unprocessable, "no import schedule"},
		{sandbox.NoConnector, 422, unprocessable, "connector"},
		{sandbox.NoFilePaths, 422, unprocessable, "file paths"},
		{sandbox.CreationFailed, 500, "creation_failed", "could not be created"},
	} {
		s.UpdateApplication(coreID, func(a *sandbox.Application) { a.Problem = tc.problem })
		wantError(t, post(s, stagePath, stageRequest(coreID)), tc.status, tc.code, tc.fragment)
	}
	s.UpdateApplication(coreID, func(a *sandbox.Application) { a.IsArchived = true })
	wantError(t, post(s, stagePath, stageRequest(coreID)), http.StatusBadRequest, invalid, "archived")
	wantStatuses(t, s, "refused", "")
}

func TestCancel(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	for _, status := range []string{"Pending", "Running", "Paused"} {
		i := s.AddImport(sandbox.Import{Status: status})
		got := cancel(s, strings.ToUpper(i.ID))
		if got.status != http.StatusOK || got.body["status"] != "Canceling" || got.body["id"] != i.ID || got.body["createdBy"] != "System" {
			t.Errorf("%s: %d %s", status, got.status, got.text)
		}
	}
	for _, status := range []string{"Finished", "Failed", "Canceling", "Canceled"} {
		wantError(t, cancel(s, s.AddImport(sandbox.Import{Status: status}).ID), http.StatusConflict, "conflict", status)
	}
	wantStatuses(t, s, "canceled", "Canceling Canceling Canceling Finished Failed Canceling Canceled")

	wantError(t, post(s, cancelPath, `{}`), http.StatusBadRequest, "validation_error", "is required")
	wantError(t, post(s, cancelPath, `[]`), http.StatusBadRequest, "validation_error", "not valid JSON")
	wantError(t, cancel(s, "42"), http.StatusBadRequest, "validation_error", "applicationImportId", "not a valid GUID")
	wantError(t, cancel(s, unknownID), http.StatusNotFound, "not_found", unknownID)
}

func TestListImports(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	at := func(minutes int) *time.Time { v := updated.Add(time.Duration(minutes) * time.Minute); return &v }
	for _, i := range []sandbox.Import{
		{BuildStart: at(3)},
		{Status: "Pending"},
		{BuildStart: at(5)},
		{Status: "Pending", ApplicationID: fileID},
		{BuildStart: at(3)},
		{BuildStart: at(4), ApplicationID: fileID},
	} {
		s.AddImport(i)
	}
	for query, want := range map[string]struct{ last, first string }{
		"": {"3 6 5 1 4 2", "4 2 3 6 5 1"},
		"?applicationId=" + strings.ToUpper(coreID): {"3 5 1 2", "2 3 5 1"},
		"?applicationId=" + fileID + "&page=1":      {"6 4", "4 6"},
		"?applicationId=" + fileID + "&page=2":      {"", ""},
		"?applicationId=" + unknownID:               {"", ""},
	} {
		s.SetDialect(sandbox.Dialect{})
		wantNumbers(t, s, importsPath+query, want.last)
		s.SetDialect(sandbox.Dialect{NotStartedFirst: true})
		wantNumbers(t, s, importsPath+query, want.first)
	}
	wantError(t, get(s, importsPath+"?applicationId=7"), http.StatusBadRequest, "validation_error", "not a valid GUID")
}

func TestAddImport(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	i := s.AddImport(sandbox.Import{})
	if !guid.MatchString(i.ID) || i.Number != 1 || i.Type != "Scheduled" || i.Status != "Finished" ||
		i.CreatedBy != "System" || i.ApplicationID != coreID || i.Metrics == nil || i.BuildEnd.Sub(*i.BuildStart) != time.Minute {
		t.Errorf("filled in: %+v", i)
	}
	failed := s.AddImport(sandbox.Import{Status: "Failed", Number: 7})
	if !strings.Contains(failed.Log, "failed") || failed.Metrics != nil {
		t.Errorf("failed: %+v", failed)
	}
	kept := s.AddImport(sandbox.Import{Status: "Failed", BuildEnd: &updated, Log: "own"})
	if kept.Log != "own" || !kept.BuildEnd.Equal(updated) {
		t.Errorf("kept: %+v", kept)
	}
	s.AddImport(sandbox.Import{Number: 3, Status: "Pending"})
	var numbers []int64
	for _, i := range s.Imports() {
		numbers = append(numbers, i.Number)
	}
	if want := []int64{1, 3, 7, 8}; !slices.Equal(numbers, want) {
		t.Errorf("the numbers are %v, want %v", numbers, want)
	}

	pause := func(i *sandbox.Import) { i.Status = "Paused" }
	if !s.UpdateImport(strings.ToUpper(i.ID), pause) || s.UpdateImport(unknownID, pause) {
		t.Error("not one was updated")
	}
	if got, _ := s.Import(strings.ToUpper(i.ID)); got.Status != "Paused" || i.Status != "Finished" {
		t.Errorf("updated to %+v", got)
	}
	if !s.RemoveImport(strings.ToUpper(i.ID)) || s.RemoveImport(i.ID) {
		t.Error("not removed once")
	}
	if _, ok := s.Import(i.ID); ok {
		t.Error("found an import that was removed")
	}
}
