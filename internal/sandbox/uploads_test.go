package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const uploadPath = "/api/application-imports/upload"

// part is one part of a form: a file if it has a file name.
type part struct{ name, file, content string }

func newUpload(t *testing.T, query string, parts ...part) *http.Request {
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
	return newRequest(http.MethodPost, uploadPath+query, form.FormDataContentType(), body.String())
}

func TestUpload(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	s.UpdateApplication(fileID, func(a *sandbox.Application) { a.Problem = sandbox.NoSchedule })
	for _, r := range []*http.Request{
		newUpload(t, "", part{"applicationId", "", strings.ToUpper(fileID)}, part{strings.ToUpper(usersID), "users.csv", "a,b\n"}),
		newUpload(t, "?applicationId="+fileID, part{usersID, "users.csv", "a,b\n"}, part{"comment", "", "not looked at"}),
	} {
		got := serve(s, r)
		i, _ := s.Import(got.field("id"))
		sum := sha256.Sum256([]byte("a,b\n"))
		want := []sandbox.File{{FileGroupID: usersID, FileGroup: "Users", Name: "users.csv", Size: 4, SHA256: hex.EncodeToString(sum[:])}}
		if diff := cmp.Diff(want, i.Files, cmpopts.IgnoreFields(sandbox.File{}, "ID")); got.status != http.StatusCreated || diff != "" {
			t.Errorf("%d, files (-want +got):\n%s", got.status, diff)
		}
	}
}

func TestUpload_refused(t *testing.T) {
	application, users := part{"applicationId", "", fileID}, part{usersID, "users.csv", "a"}
	field := func(field, message string) string { return `{"field":"` + field + `","message":"` + message }
	missing := field(usersID, "The required file Users is missing")
	s := newServer(t, sandbox.Options{})
	for _, tc := range []struct {
		parts     []part
		status    int
		fragments []string
	}{
		{[]part{users}, 400, []string{field("applicationId", "Application id is required")}},
		{[]part{{"applicationId", "", coreID}, users}, 422, []string{"file-based"}},
		{[]part{application, {rolesID, "r", "c"}}, 400, []string{missing}},
		{[]part{application, {usersID, "", "not a file"}}, 400, []string{missing}},
		{[]part{application, {usersID, "u", ""}}, 400, []string{field(usersID, "The file u is empty")}},
		{[]part{application, users, users}, 400, []string{field(usersID, "There is more than one file")}},
		{[]part{application, {"x", "users.csv", "a"}}, 400, []string{field("x", "File group not found"), missing}},
	} {
		code := map[int]string{400: "validation_error", 422: "unprocessable_entity"}[tc.status]
		wantError(t, serve(s, newUpload(t, "", tc.parts...)), tc.status, code, tc.fragments...)
	}
	for contentType, body := range map[string]string{
		"multipart/form-data":              "--b--",
		"multipart/form-data; boundary=b":  "--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"x\"\r\n\r\ncut o",
		"multipart/form-data; boundary=bb": "no form",
	} {
		got := serve(s, newRequest(http.MethodPost, uploadPath, contentType, body))
		wantError(t, got, http.StatusBadRequest, "validation_error", "not a valid multipart form")
	}
	wantPage(t, post(s, uploadPath, stageRequest(fileID)), http.StatusUnsupportedMediaType)
	wantStatuses(t, s, "refused", "")
}
