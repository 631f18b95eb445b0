package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// part is one part of a form: a file if it has a file name.
type part struct{ name, file, content string }

func newUpload(t *testing.T, path string, parts ...part) *http.Request {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, p := range parts {
		w, err := form.CreateFormField(p.name)
		if p.file != "" {
			w, err = form.CreateFormFile(p.name, p.file)
		}
		if err == nil {
			_, err = w.Write([]byte(p.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, &body)
	r.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return r
}

func TestUpload(t *testing.T) {
	const path = "/api/application-imports/upload"
	for name, r := range map[string]*http.Request{
		"form field": newUpload(t, path, part{"applicationId", "", strings.ToUpper(fileID)},
			part{strings.ToUpper(usersID), "users.csv", "a,b\n"}, part{rolesID, "roles.csv", "c"}),
		"query": newUpload(t, path+"?applicationId="+fileID,
			part{usersID, "users.csv", "a,b\n"}, part{rolesID, "roles.csv", "c"}, part{"comment", "", "not looked at"}),
	} {
		t.Run(name, func(t *testing.T) {
			s := heldServer(t, sandbox.Options{})
			s.UpdateApplication(fileID, func(a *sandbox.Application) { a.Problem = sandbox.NoSchedule })
			got := serve(s, r)
			if got.status != http.StatusCreated || got.body["status"] != "Pending" || got.body["type"] != "API" {
				t.Fatalf("got %d %s", got.status, got.text)
			}
			sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
			want := []sandbox.File{
				{FileGroupID: usersID, FileGroup: "Users", Name: "users.csv", Size: 4, SHA256: sum("a,b\n")},
				{FileGroupID: rolesID, FileGroup: "Roles", Name: "roles.csv", Size: 1, SHA256: sum("c")},
			}
			i, _ := s.Import(got.field("id"))
			if diff := cmp.Diff(want, i.Files, cmpopts.IgnoreFields(sandbox.File{}, "ID")); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			wantFile := map[string]any{"id": i.Files[0].ID, "fileGroupId": usersID, "fileGroup": "Users", "name": "users.csv"}
			if diff := cmp.Diff(wantFile, got.list("files")[0]); diff != "" {
				t.Errorf("file in the response (-want +got):\n%s", diff)
			}
			if body := s.Requests()[0].Body; body != nil {
				t.Errorf("kept the body: %q", body)
			}
		})
	}
}

func TestUploadRefused(t *testing.T) {
	const path = "/api/application-imports/upload"
	application := part{"applicationId", "", fileID}
	users := part{usersID, "users.csv", "a"}
	invalid := func(fields ...any) func(*testing.T, *sandbox.Server, reply) {
		return func(t *testing.T, s *sandbox.Server, got reply) {
			t.Helper()
			wantError(t, s, got, 400, "validation_error", "One or more validation errors occurred", fields...)
		}
	}
	unprocessable := func(message string) func(*testing.T, *sandbox.Server, reply) {
		return func(t *testing.T, s *sandbox.Server, got reply) {
			t.Helper()
			wantError(t, s, got, 422, "unprocessable_entity", message)
		}
	}
	archive := func(a *sandbox.Application) { a.IsArchived = true }
	disconnect := func(a *sandbox.Application) { a.Problem = sandbox.NoConnector }
	for name, tc := range map[string]struct {
		parts  []part
		change func(*sandbox.Application)
		check  func(*testing.T, *sandbox.Server, reply)
	}{
		"no application":      {[]part{users}, nil, invalid(fieldError("applicationId", "Application id is required"))},
		"unknown application": {[]part{{"applicationId", "", unknownID}, users}, nil, invalid(fieldError("applicationId", "Application not found"))},
		"archived":            {[]part{application, users}, archive, invalid(fieldError("applicationId", "Application is archived"))},
		"no connector":        {[]part{application, users}, disconnect, unprocessable("The application's connector is not available")},
		"not file-based":      {[]part{{"applicationId", "", coreID}, users}, nil, unprocessable("The application has no file-based connector")},
		"required missing":    {[]part{application, {rolesID, "r", "c"}}, nil, invalid(fieldError(usersID, "The required file Users is missing"))},
		"not a file":          {[]part{application, {usersID, "", "a"}}, nil, invalid(fieldError(usersID, "The required file Users is missing"))},
		"empty":               {[]part{application, {usersID, "u", ""}}, nil, invalid(fieldError(usersID, "The file u is empty"))},
		"twice":               {[]part{application, users, users}, nil, invalid(fieldError(usersID, "There is more than one file for the file group Users"))},
		"unknown file group": {
			[]part{application, {"users", "users.csv", "a"}}, nil,
			invalid(fieldError("users", "File group not found"), fieldError(usersID, "The required file Users is missing")),
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := heldServer(t, sandbox.Options{})
			if tc.change != nil {
				s.UpdateApplication(fileID, tc.change)
			}
			tc.check(t, s, serve(s, newUpload(t, path, tc.parts...)))
			if len(s.Imports()) != 0 {
				t.Error("made an import nevertheless")
			}
		})
	}
}

func TestUploadMalformed(t *testing.T) {
	const path = "/api/application-imports/upload"
	s := heldServer(t, sandbox.Options{})
	wantPage(t, post(s, path, `{"applicationId":"`+fileID+`"}`), http.StatusUnsupportedMediaType)

	r := newUpload(t, path, part{usersID, "users.csv", "a"})
	r.Header.Set("Content-Type", "multipart/form-data")
	wantError(t, s, serve(s, r), http.StatusBadRequest, "validation_error",
		"The request body is not a valid multipart form: no multipart boundary param in Content-Type")

	for _, body := range []string{
		"--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"x\"\r\n\r\ncut o",
		"no form",
	} {
		r = newRequest(http.MethodPost, path, body)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		got := serve(s, r)
		if message := got.field("message"); got.status != http.StatusBadRequest ||
			!strings.HasPrefix(message, "The request body is not a valid multipart form: ") {
			t.Errorf("got %d %s", got.status, got.text)
		}
	}
}
