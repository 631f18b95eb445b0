package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestStage(t *testing.T) {
	s := heldServer(t, sandbox.Options{TokenName: "pipeline"})
	s.AddImport(sandbox.Import{Number: 41})
	got := post(s, "/api/application-imports/stage", `{"applicationId":"`+strings.ToUpper(coreID)+`"}`)
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
	if diff := cmp.Diff(want, get(s, "/api/application-imports/"+strings.ToUpper(id)).body); diff != "" {
		t.Errorf("get (-want +got):\n%s", diff)
	}
}

func TestStageIsNotIdempotent(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	for n := int64(1); n <= 3; n++ {
		r := newRequest(http.MethodPost, "/api/application-imports/stage", `{"applicationId":"`+coreID+`"}`)
		r.Header.Set("Idempotency-Key", "always the same")
		if got := serve(s, r); got.body["number"] != float64(n) {
			t.Errorf("got %s", got.text)
		}
	}
	if len(s.Imports()) != 3 {
		t.Errorf("%d imports", len(s.Imports()))
	}
}

func TestStageRefused(t *testing.T) {
	const (
		invalid   = "One or more validation errors occurred"
		malformed = "The request body is not valid JSON: "
	)
	field := func(message string) []any { return []any{fieldError("applicationId", message)} }
	for name, tc := range map[string]struct {
		body    string
		change  func(*sandbox.Application)
		status  int
		code    string
		message string
		fields  []any
	}{
		"no ID":         {`{}`, nil, 400, "validation_error", invalid, field("Application id is required")},
		"null":          {`{"applicationId":null}`, nil, 400, "validation_error", invalid, field("Application id is required")},
		"empty":         {`{"applicationId":""}`, nil, 400, "validation_error", invalid, field("Application id is required")},
		"other name":    {`{"applicationID":"` + coreID + `"}`, nil, 400, "validation_error", invalid, field("Application id is required")},
		"no GUID":       {`{"applicationId":"Silverlake"}`, nil, 400, "validation_error", invalid, field("Application id is not a valid GUID")},
		"not found":     {`{"applicationId":"` + unknownID + `"}`, nil, 400, "validation_error", invalid, field("Application not found")},
		"not JSON":      {`{"applicationId":`, nil, 400, "validation_error", malformed + "unexpected end of JSON input", nil},
		"JSON and more": {`{} {}`, nil, 400, "validation_error", malformed + "invalid character '{' after top-level value", nil},
		"no object":     {`null`, nil, 400, "validation_error", malformed + "not a JSON object", nil},
		"no text":       {`{"applicationId":7}`, nil, 400, "validation_error", malformed + "applicationId: json: cannot unmarshal number into Go value of type string", nil},
		"archived": {
			"", func(a *sandbox.Application) { a.IsArchived = true }, 400, "validation_error", invalid,
			field("Application is archived"),
		},
		"no schedule": {
			"", func(a *sandbox.Application) { a.Problem = sandbox.NoSchedule }, 422, "unprocessable_entity",
			"The application has no import schedule", nil,
		},
		"no connector": {
			"", func(a *sandbox.Application) { a.Problem = sandbox.NoConnector }, 422, "unprocessable_entity",
			"The application's connector is not available", nil,
		},
		"no file paths": {
			"", func(a *sandbox.Application) { a.Problem = sandbox.NoFilePaths }, 422, "unprocessable_entity",
			"The application's required file paths are not configured", nil,
		},
		"creation fails": {
			"", func(a *sandbox.Application) { a.Problem = sandbox.CreationFailed }, 500, "creation_failed",
			"The application import could not be created", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := heldServer(t, sandbox.Options{})
			body := tc.body
			if tc.change != nil {
				s.UpdateApplication(coreID, tc.change)
				body = `{"applicationId":"` + coreID + `"}`
			}
			got := post(s, "/api/application-imports/stage", body)
			wantError(t, s, got, tc.status, tc.code, tc.message, tc.fields...)
			if len(s.Imports()) != 0 {
				t.Error("made an import nevertheless")
			}
		})
	}
}

func TestCancel(t *testing.T) {
	for _, status := range []string{"Pending", "Running", "Paused"} {
		t.Run(status, func(t *testing.T) {
			s := heldServer(t, sandbox.Options{})
			i := stage(t, s, coreID)
			s.UpdateImport(i.ID, func(i *sandbox.Import) { i.Status = status })
			got := cancel(s, strings.ToUpper(i.ID))
			if got.status != http.StatusOK || got.body["status"] != "Canceling" || got.body["id"] != i.ID ||
				got.body["createdBy"] != sandbox.DefaultTokenName {
				t.Errorf("got %d %s", got.status, got.text)
			}
			wantStatus(t, s, i.ID, "Canceling")
		})
	}
	for _, status := range []string{"Finished", "Failed", "Canceling", "Canceled"} {
		t.Run(status, func(t *testing.T) {
			s := heldServer(t, sandbox.Options{})
			i := s.AddImport(sandbox.Import{Status: status})
			wantError(t, s, cancel(s, i.ID), http.StatusConflict, "conflict",
				"Application import 1 cannot be canceled: it is "+status)
			wantStatus(t, s, i.ID, status)
		})
	}
}

func TestCancelRefused(t *testing.T) {
	const invalid = "One or more validation errors occurred"
	s := newServer(t, sandbox.Options{})
	for _, body := range []string{`{}`, `{"applicationImportId":""}`, `{"applicationId":"` + coreID + `"}`} {
		wantError(t, s, post(s, "/api/application-imports/cancel", body), http.StatusBadRequest,
			"validation_error", invalid, fieldError("applicationImportId", "Application import id is required"))
	}
	wantError(t, s, cancel(s, "42"), http.StatusBadRequest, "validation_error", invalid,
		fieldError("applicationImportId", "Application import id is not a valid GUID"))
	wantError(t, s, post(s, "/api/application-imports/cancel", `[]`), http.StatusBadRequest, "validation_error",
		"The request body is not valid JSON: json: cannot unmarshal array into Go value of type map[string]json.RawMessage")
	wantError(t, s, cancel(s, unknownID), http.StatusNotFound, "not_found",
		"Application import with id "+unknownID+" not found")
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
	if diff := cmp.Diff(want, get(s, "/api/application-imports/"+unknownID).body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	s.RemoveApplication(coreID)
	want["application"] = nil
	if diff := cmp.Diff(want, get(s, "/api/application-imports/"+unknownID).body); diff != "" {
		t.Errorf("without its application (-want +got):\n%s", diff)
	}

	s.RemoveImport(unknownID)
	wantError(t, s, get(s, "/api/application-imports/"+unknownID), http.StatusNotFound, "not_found",
		"Application import with id "+unknownID+" not found")
}

func TestListImports(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	at := func(minutes int) *time.Time { v := updated.Add(time.Duration(minutes) * time.Minute); return &v }
	for n, i := range []sandbox.Import{
		{BuildStart: at(3)},
		{Status: "Pending"},
		{BuildStart: at(5), Type: sandbox.TypeAPI, CreatedBy: "x", Log: "x"},
		{Status: "Pending", ApplicationID: fileID},
		{BuildStart: at(3)},
		{BuildStart: at(4), ApplicationID: fileID},
	} {
		i.ID = fmt.Sprintf("00000000-0000-4000-8000-%012d", n+1)
		s.AddImport(i)
	}
	numbers := func(path string) string {
		var all []string
		for _, item := range get(s, path).list("items") {
			all = append(all, fmt.Sprint(item["number"]))
		}
		return strings.Join(all, " ")
	}
	const path = "/api/application-imports"
	for _, tc := range []struct{ query, want, wantNotStartedFirst string }{
		{"", "3 6 5 1 4 2", "4 2 3 6 5 1"},
		{"?applicationId=" + strings.ToUpper(coreID), "3 5 1 2", "2 3 5 1"},
		{"?applicationId=" + fileID + "&page=1", "6 4", "4 6"},
		{"?applicationId=" + fileID + "&page=2", "", ""},
		{"?applicationId=" + unknownID, "", ""},
	} {
		s.SetDialect(sandbox.Dialect{})
		if got := numbers(path + tc.query); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.query, got, tc.want)
		}
		s.SetDialect(sandbox.Dialect{NotStartedFirst: true})
		if got := numbers(path + tc.query); got != tc.wantNotStartedFirst {
			t.Errorf("%s, not started first: got %s, want %s", tc.query, got, tc.wantNotStartedFirst)
		}
	}
	s.SetDialect(sandbox.Dialect{})

	want := map[string]any{
		"id": "00000000-0000-4000-8000-000000000003", "kind": "Application Import", "number": 3.0, "type": "API",
		"status": "Finished", "buildStart": "2026-02-20T08:20:00Z", "buildEnd": nil, "application": coreBody(),
	}
	if diff := cmp.Diff(want, get(s, path).list("items")[0]); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
	wantError(t, s, get(s, path+"?applicationId=7"), http.StatusBadRequest, "validation_error",
		"One or more validation errors occurred", fieldError("applicationId", "Application id is not a valid GUID"))
}

func TestListImportsPages(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	for range 50 {
		s.AddImport(sandbox.Import{})
	}
	pending := stage(t, s, coreID)
	got := get(s, "/api/application-imports?page=2")
	items := got.list("items")
	if len(items) != 1 || items[0]["id"] != pending.ID || got.body["totalPages"] != 2.0 {
		t.Errorf("the pending import is not alone on the last page: %s", got.text)
	}
}
