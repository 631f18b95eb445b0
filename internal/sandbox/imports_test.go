package sandbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestStage(t *testing.T) {
	s := heldServer(t, sandbox.Options{TokenName: "pipeline"})
	s.AddImport(sandbox.Import{Number: 41})
	got := post(s, stagePath, stageRequest(strings.ToUpper(coreID)))
	id := got.field("id")
	if got.status != http.StatusCreated || !guid.MatchString(id) {
		t.Fatalf("got %d %s", got.status, got.text)
	}
	want := map[string]any{
		"id": id, "kind": "Application Import", "number": 42.0, "type": "API", "status": "Pending",
		"createdBy": "pipeline", "buildStart": nil, "buildEnd": nil, "log": nil, "files": []any{},
		"metrics": nil, "application": coreBody(),
	}
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, get(s, importsPath+"/"+strings.ToUpper(id)).body); diff != "" {
		t.Errorf("get (-want +got):\n%s", diff)
	}
	if again := post(s, stagePath, stageRequest(coreID)); again.body["number"] != 43.0 || len(s.Imports()) != 3 {
		t.Errorf("it is idempotent: %s", again.text)
	}
}

func TestStage_refused(t *testing.T) {
	problem := func(p sandbox.Problem) func(*sandbox.Application) {
		return func(a *sandbox.Application) { a.Problem = p }
	}
	for name, tc := range map[string]struct {
		body     string // empty for the core application
		change   func(*sandbox.Application)
		status   int
		code     string
		fragment string
	}{
		"no ID":          {`{}`, nil, 400, "validation_error", `{"field":"applicationId","message":"Application id is required"}`},
		"other name":     {`{"applicationID":"` + coreID + `"}`, nil, 400, "validation_error", "is required"},
		"no GUID":        {stageRequest("Silverlake"), nil, 400, "validation_error", "not a valid GUID"},
		"not found":      {stageRequest(unknownID), nil, 400, "validation_error", "not found"},
		"not JSON":       {`{"applicationId":`, nil, 400, "validation_error", "not valid JSON"},
		"JSON and more":  {`{} {}`, nil, 400, "validation_error", "not valid JSON"},
		"no object":      {`[]`, nil, 400, "validation_error", "not valid JSON"},
		"no text":        {`{"applicationId":7}`, nil, 400, "validation_error", "not a text"},
		"archived":       {"", func(a *sandbox.Application) { a.IsArchived = true }, 400, "validation_error", "archived"},
		"no schedule":    {"", problem(sandbox.NoSchedule), 422, "unprocessable_entity", "no import schedule"},
		"no connector":   {"", problem(sandbox.NoConnector), 422, "unprocessable_entity", "connector"},
		"creation fails": {"", problem(sandbox.CreationFailed), 500, "creation_failed", "could not be created"},
	} {
		t.Run(name, func(t *testing.T) {
			s := heldServer(t, sandbox.Options{})
			body := tc.body
			if tc.change != nil {
				s.UpdateApplication(coreID, tc.change)
				body = stageRequest(coreID)
			}
			wantError(t, post(s, stagePath, body), tc.status, tc.code, tc.fragment)
			wantStatuses(t, s)
		})
	}
}

func TestCancel(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	for _, status := range []string{"Pending", "Running", "Paused"} {
		i := stage(t, s, coreID)
		s.UpdateImport(i.ID, func(i *sandbox.Import) { i.Status = status })
		got := cancel(s, strings.ToUpper(i.ID))
		if got.status != http.StatusOK || got.body["status"] != "Canceling" || got.body["id"] != i.ID || got.body["createdBy"] != "sandbox" {
			t.Errorf("%s: %d %s", status, got.status, got.text)
		}
	}
	wantStatuses(t, s, "Canceling", "Canceling", "Canceling")

	s = heldServer(t, sandbox.Options{})
	ended := []string{"Finished", "Failed", "Canceling", "Canceled"}
	for _, status := range ended {
		wantError(t, cancel(s, s.AddImport(sandbox.Import{Status: status}).ID), http.StatusConflict, "conflict", status)
	}
	wantStatuses(t, s, ended...)

	wantError(t, post(s, "/api/application-imports/cancel", `{}`), http.StatusBadRequest, "validation_error", "is required")
	wantError(t, post(s, "/api/application-imports/cancel", `[]`), http.StatusBadRequest, "validation_error", "not valid JSON")
	wantError(t, cancel(s, "42"), http.StatusBadRequest, "validation_error", "applicationImportId", "not a valid GUID")
	wantError(t, cancel(s, unknownID), http.StatusNotFound, "not_found", unknownID)
}

func TestGetImport(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	start, end := updated, updated.Add(90*time.Second)
	s.AddImport(sandbox.Import{
		ID: strings.ToUpper(unknownID), Number: 7, Type: sandbox.TypeManual, Status: "Finished", CreatedBy: "Ann Lee",
		BuildStart: &start, BuildEnd: &end, Log: "one\ntwo", Metrics: []byte(`{"accounts":3}`), ApplicationID: strings.ToUpper(coreID),
		Files: []sandbox.File{{ID: rolesID, FileGroupID: usersID, FileGroup: "Users", Name: "users.csv", Size: 3}},
	})
	want := map[string]any{
		"id": unknownID, "kind": "Application Import", "number": 7.0, "type": "Manual", "status": "Finished",
		"createdBy": "Ann Lee", "buildStart": "2026-02-20T08:15:00Z", "buildEnd": "2026-02-20T08:16:30Z",
		"log": "one\ntwo", "metrics": map[string]any{"accounts": 3.0}, "application": coreBody(),
		"files": []any{map[string]any{"id": rolesID, "fileGroupId": usersID, "fileGroup": "Users", "name": "users.csv"}},
	}
	const path = importsPath + "/" + unknownID
	if diff := cmp.Diff(want, get(s, path).body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.RemoveApplication(coreID)
	want["application"] = nil
	if diff := cmp.Diff(want, get(s, path).body); diff != "" {
		t.Errorf("without its application (-want +got):\n%s", diff)
	}
	s.RemoveImport(unknownID)
	wantError(t, get(s, path), http.StatusNotFound, "not_found", unknownID)
}

func TestListImports(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	at := func(minutes int) *time.Time { v := updated.Add(time.Duration(minutes) * time.Minute); return &v }
	for _, i := range []sandbox.Import{
		{BuildStart: at(3)},
		{Status: "Pending"},
		{BuildStart: at(5), Type: sandbox.TypeAPI, CreatedBy: "x", Log: "x", ID: unknownID},
		{Status: "Pending", ApplicationID: fileID},
		{BuildStart: at(3)},
		{BuildStart: at(4), ApplicationID: fileID},
	} {
		s.AddImport(i)
	}
	numbers := func(query string, notStartedFirst bool) string {
		s.SetDialect(sandbox.Dialect{NotStartedFirst: notStartedFirst})
		var all []string
		for _, item := range get(s, importsPath+query).items() {
			all = append(all, fmt.Sprint(item["number"]))
		}
		return strings.Join(all, " ")
	}
	for query, want := range map[string][2]string{
		"": {"3 6 5 1 4 2", "4 2 3 6 5 1"},
		"?applicationId=" + strings.ToUpper(coreID): {"3 5 1 2", "2 3 5 1"},
		"?applicationId=" + fileID + "&page=1":      {"6 4", "4 6"},
		"?applicationId=" + fileID + "&page=2":      {"", ""},
		"?applicationId=" + unknownID:               {"", ""},
	} {
		if last, first := numbers(query, false), numbers(query, true); last != want[0] || first != want[1] {
			t.Errorf("%s: %s, and %s if those not started come first, want %q", query, last, first, want)
		}
	}

	want := map[string]any{
		"id": unknownID, "kind": "Application Import", "number": 3.0, "type": "API",
		"status": "Finished", "buildStart": "2026-02-20T08:20:00Z", "buildEnd": nil, "application": coreBody(),
	}
	s.SetDialect(sandbox.Dialect{})
	if diff := cmp.Diff(want, get(s, importsPath).items()[0]); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
	wantError(t, get(s, importsPath+"?applicationId=7"), http.StatusBadRequest, "validation_error", "not a valid GUID")
}

func TestAddImport(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	i := s.AddImport(sandbox.Import{})
	if !guid.MatchString(i.ID) || i.Number != 1 || i.Type != "Scheduled" || i.Status != "Finished" ||
		i.CreatedBy != "System" || i.ApplicationID != coreID || i.Metrics == nil || i.BuildEnd.Sub(*i.BuildStart) != time.Minute {
		t.Errorf("filled in: %+v", i)
	}
	if got, ok := s.Import(strings.ToUpper(i.ID)); !ok || cmp.Diff(i, got) != "" {
		t.Errorf("got %+v", got)
	}
	failed := s.AddImport(sandbox.Import{Status: "Failed", Number: 7})
	if !strings.Contains(failed.Log, "failed") || failed.Metrics != nil {
		t.Errorf("failed: %+v", failed)
	}
	end := updated
	kept := s.AddImport(sandbox.Import{Status: "Failed", BuildEnd: &end, Log: "own"})
	if kept.Log != "own" || !kept.BuildEnd.Equal(updated) {
		t.Errorf("kept: %+v", kept)
	}
	s.AddImport(sandbox.Import{Number: 3})
	if pending := s.AddImport(sandbox.Import{Status: "Pending"}); pending.BuildStart != nil {
		t.Errorf("pending: %+v", pending)
	}
	var numbers []int64
	for _, i := range s.Imports() {
		numbers = append(numbers, i.Number)
	}
	if want := []int64{1, 3, 7, 8, 9}; !slices.Equal(numbers, want) {
		t.Errorf("the numbers are %v, want %v", numbers, want)
	}
}

func TestUpdateImport(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	i := s.AddImport(sandbox.Import{})
	pause := func(i *sandbox.Import) { i.Status, i.BuildStart = "Paused", &updated }
	if !s.UpdateImport(strings.ToUpper(i.ID), pause) || s.UpdateImport(unknownID, pause) {
		t.Error("not one was updated")
	}
	if got, _ := s.Import(i.ID); got.Status != "Paused" || !got.BuildStart.Equal(updated) || i.Status != "Finished" {
		t.Errorf("got %+v", got)
	}
	if !s.RemoveImport(strings.ToUpper(i.ID)) || s.RemoveImport(i.ID) {
		t.Error("not removed once")
	}
	if _, ok := s.Import(i.ID); ok {
		t.Error("found an import that was removed")
	}
}
