package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
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
	for name, r := range map[string]*http.Request{
		"form field": newUpload(t, "", part{"applicationId", "", strings.ToUpper(fileID)},
			part{strings.ToUpper(usersID), "users.csv", "a,b\n"}, part{rolesID, "roles.csv", "c"}),
		"query": newUpload(t, "?applicationId="+fileID,
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
		})
	}
}

func TestUpload_refused(t *testing.T) {
	application, users := part{"applicationId", "", fileID}, part{usersID, "users.csv", "a"}
	field := func(field, message string) string { return `{"field":"` + field + `","message":"` + message }
	missing := field(usersID, "The required file Users is missing")
	for name, tc := range map[string]struct {
		parts     []part
		change    func(*sandbox.Application)
		status    int
		fragments []string
	}{
		"no application":     {[]part{users}, nil, 400, []string{field("applicationId", "Application id is required")}},
		"archived":           {[]part{application, users}, func(a *sandbox.Application) { a.IsArchived = true }, 400, []string{"archived"}},
		"not file-based":     {[]part{{"applicationId", "", coreID}, users}, nil, 422, []string{"file-based"}},
		"required missing":   {[]part{application, {rolesID, "r", "c"}}, nil, 400, []string{missing}},
		"not a file":         {[]part{application, {usersID, "", "a"}}, nil, 400, []string{missing}},
		"empty":              {[]part{application, {usersID, "u", ""}}, nil, 400, []string{field(usersID, "The file u is empty")}},
		"twice":              {[]part{application, users, users}, nil, 400, []string{field(usersID, "There is more than one file")}},
		"unknown file group": {[]part{application, {"x", "users.csv", "a"}}, nil, 400, []string{field("x", "File group not found"), missing}},
	} {
		t.Run(name, func(t *testing.T) {
			s := heldServer(t, sandbox.Options{})
			if tc.change != nil {
				s.UpdateApplication(fileID, tc.change)
			}
			code := map[int]string{400: "validation_error", 422: "unprocessable_entity"}[tc.status]
			wantError(t, serve(s, newUpload(t, "", tc.parts...)), tc.status, code, tc.fragments...)
			wantStatuses(t, s)
		})
	}
}

func TestUpload_malformed(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	wantPage(t, post(s, uploadPath, stageRequest(fileID)), http.StatusUnsupportedMediaType)
	for contentType, body := range map[string]string{
		"multipart/form-data":              "--b--",
		"multipart/form-data; boundary=b":  "--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"x\"\r\n\r\ncut o",
		"multipart/form-data; boundary=bb": "no form",
	} {
		got := serve(s, newRequest(http.MethodPost, uploadPath, contentType, body))
		wantError(t, got, http.StatusBadRequest, "validation_error", "not a valid multipart form")
	}
}

// An upload whose second half is never read becomes an import of the first half.
func TestUpload_half(t *testing.T) {
	for processed, want := range map[bool]int{false: 0, true: 1} {
		s := heldServer(t, sandbox.Options{})
		s.Inject(sandbox.Fault{HalfUpload: true, Processed: processed, Action: sandbox.Respond(http.StatusBadGateway, "", "")})
		r := newUpload(t, "", part{"applicationId", "", fileID}, part{usersID, "users.csv", strings.Repeat("x", 10_000)})
		body := r.Body
		got := serve(s, r)
		if rest, _ := io.ReadAll(body); got.status != http.StatusBadGateway || len(rest) < 4000 {
			t.Errorf("got %d, and %d bytes were not read", got.status, len(rest))
		}
		imports := s.Imports()
		if len(imports) != want || want == 1 && imports[0].Files[0].Size >= 10_000 || s.Count(sandbox.OpUpload) != 1 {
			t.Errorf("the imports are %+v", imports)
		}
	}
}
