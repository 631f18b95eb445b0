package permissionassist

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

const (
	usersID = "7c0e1a52-0000-4aaa-8bbb-0123456789ab"
	rolesID = "8d1f2b63-0000-4aaa-8bbb-0123456789ab"
)

// uploadSandbox is a sandbox whose application appID takes two files.
func uploadSandbox() sandbox.Options {
	return sandbox.Options{Applications: []sandbox.Application{
		{
			ID: appID, Name: "Jack Henry Silverlake", Problem: sandbox.NoSchedule,
			FileGroups: []sandbox.FileGroup{{ID: usersID, Name: "Users", Required: true}, {ID: rolesID, Name: "Roles"}},
		},
		{ID: otherAppID},
	}}
}

// newFile makes a file and returns its path.
func newFile(t testing.TB, name, content string) string {
	t.Helper()

	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

// newSparseFile makes a file that takes no room on the disk, and returns its path.
func newSparseFile(t testing.TB, size int64) string {
	t.Helper()

	path := newFile(t, "export.csv", "")
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}

	return path
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))

	return hex.EncodeToString(sum[:])
}

// uploadServer is a sandbox behind a real socket that notes what its uploads
// are like, and whose uploads can be answered by something else.
type uploadServer struct {
	*sandbox.Server

	client *Client

	mu      sync.Mutex
	uploads []*http.Request
	// handle, if not nil, answers uploads.
	handle func(http.ResponseWriter, *http.Request)
}

func newUploadServer(t *testing.T, change ...func(*Config)) *uploadServer {
	t.Helper()

	s := &uploadServer{Server: newSandbox(t, uploadSandbox())}
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodPost {
			s.mu.Lock()
			s.uploads = append(s.uploads, req)
			s.mu.Unlock()

			if s.handle != nil {
				s.handle(w, req)

				return
			}
		}

		s.ServeHTTP(w, req)
	}))
	s.client = newSocketClient(t, server.URL, change...)

	return s
}

func (s *uploadServer) seen() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()

	return slices.Clone(s.uploads)
}

func TestUploadImportGood(t *testing.T) {
	t.Parallel()

	s := newUploadServer(t)
	users, roles := strings.Repeat("name,role\n", 100_000), "r"
	files := map[string]string{
		strings.ToUpper(usersID): newFile(t, "users.csv", users),
		rolesID:                  newFile(t, "roles.csv", roles),
	}

	imp, err := s.client.UploadImport(t.Context(), strings.ToUpper(appID), files, map[string]string{
		usersID: strings.ToUpper(sumOf(users)),
	})
	if err != nil {
		t.Fatal(err)
	}

	made, _ := s.Import(imp.ID)
	want := []sandbox.File{
		{FileGroupID: usersID, FileGroup: "Users", Name: "users.csv", Size: int64(len(users)), SHA256: sumOf(users)},
		{FileGroupID: rolesID, FileGroup: "Roles", Name: "roles.csv", Size: 1, SHA256: sumOf(roles)},
	}

	if diff := cmp.Diff(want, made.Files, cmpopts.IgnoreFields(sandbox.File{}, "ID")); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}

	if imp.Number != 1 || imp.Type != typeAPI || imp.Status != StatusPending || imp.Application.ID != appID || len(imp.Files) != 2 {
		t.Errorf("the import is %+v", imp)
	}

	upload := s.seen()[0]
	if upload.ContentLength < int64(len(users)) || len(upload.TransferEncoding) != 0 {
		t.Errorf("content length %d, transfer encoding %q", upload.ContentLength, upload.TransferEncoding)
	}

	wantContains(t, upload.Header.Get("Content-Type"), "multipart/form-data; boundary=")
	wantHeader(t, upload.Header, "Idempotency-Key", "")
	wantHeader(t, upload.Header, "Authorization", "Bearer "+testToken)
	wantRequests(t, s.Server, sandbox.OpListImports, 1)
	wantRequests(t, s.Server, "", 2)
}

// The body is the same in every run, but for the boundary.
func TestUploadImportBody(t *testing.T) {
	t.Parallel()

	u, err := newUpload(appID, map[string]string{
		strings.ToUpper(rolesID): newFile(t, "b.csv", "two"), usersID: newFile(t, "a.csv", "one"),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}

	_, boundary, _ := strings.Cut(u.contentType, "boundary=")
	want := strings.ReplaceAll(`--B
Content-Disposition: form-data; name="applicationId"

`+appID+`
--B
Content-Disposition: form-data; name="`+usersID+`"; filename="a.csv"
Content-Type: application/octet-stream

one
--B
Content-Disposition: form-data; name="`+strings.ToUpper(rolesID)+`"; filename="b.csv"
Content-Type: application/octet-stream

two
--B--
`, "\n", "\r\n")

	for range 2 { // it can be read again
		body, err := u.open()
		if err != nil {
			t.Fatal(err)
		}

		got, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}

		if diff := cmp.Diff(want, strings.ReplaceAll(string(got), boundary, "B")); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}

		if int64(len(got)) != u.length {
			t.Errorf("%d bytes, announced were %d", len(got), u.length)
		}
	}
}

func TestUploadImportInvalidApplication(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, uploadSandbox())

	_, err := newTestClient(t, s).UploadImport(t.Context(), "x", map[string]string{usersID: newFile(t, "a", "x")}, nil)
	wantErrorOf[*NotStagedError](t, err)
	wantContains(t, err.Error(), `"x" is not a GUID`)
	wantRequests(t, s, "", 0)
}

// What the API refuses is its own verdict, which names the file groups.
func TestUploadImportRefused(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		app    string
		group  string
		change func(*sandbox.Application)
		status int
		parts  []string
	}{
		"required file":      {appID, rolesID, nil, 400, []string{usersID + ": The required file Users is missing"}},
		"unknown file group": {appID, importID, nil, 400, []string{importID + ": File group not found"}},
		"not file-based":     {otherAppID, usersID, nil, 422, []string{"no file-based connector"}},
		"archived":           {appID, usersID, func(a *sandbox.Application) { a.IsArchived = true }, 400, []string{"applicationId: Application is archived"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := newUploadServer(t)
			if test.change != nil {
				s.UpdateApplication(test.app, test.change)
			}

			_, err := s.client.UploadImport(t.Context(), test.app, map[string]string{test.group: newFile(t, "a", "x")}, nil)
			wantErrorOf[*NotStagedError](t, err)
			wantContains(t, err.Error(), test.parts...)

			if api := wantErrorAs[*APIError](t, err); api.StatusCode != test.status || api.Path != "/api/application-imports/upload" {
				t.Errorf("the error is %+v", api)
			}

			wantRequests(t, s.Server, sandbox.OpUpload, 1)
			wantRequests(t, s.Server, sandbox.OpListImports, 1)
		})
	}
}

// Who refuses before the files have been sent is heard, and is sent none.
func TestUploadImportRefusedEarly(t *testing.T) {
	t.Parallel()

	for name, answer := range map[string]http.HandlerFunc{
		"401": replyHTML(401), "404": replyHTML(404), "413": replyHTML(413), "302": replyHTML(302),
		"500 server_error": replyJSON(500, envelopeJSON("server_error", "Down")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := newUploadServer(t, maxRetries(4))
			s.handle = answer

			_, err := s.client.UploadImport(t.Context(), appID, map[string]string{usersID: newSparseFile(t, 64<<20)}, nil)
			wantErrorOf[*NotStagedError](t, err)
			wantContains(t, err.Error(), name)

			if seen := s.seen(); len(seen) != 1 || seen[0].Header.Get("Expect") != "100-continue" {
				t.Errorf("the uploads are %+v", seen)
			}
		})
	}
}

// A proxy that does not know the question is not asked a second time.
func TestUploadImportExpectationFailed(t *testing.T) {
	t.Parallel()

	s := newUploadServer(t)
	s.handle = func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Expect") != "" {
			replyHTML(417)(w, req)

			return
		}

		s.ServeHTTP(w, req)
	}

	if _, err := s.client.UploadImport(t.Context(), appID, map[string]string{usersID: newFile(t, "a", "x")}, nil); err != nil {
		t.Fatal(err)
	}

	if n := len(s.seen()); n != 2 {
		t.Errorf("%d uploads, want 2", n)
	}
}

// Over TLS and HTTP/2, with connections that are used again and break.
func TestUploadImportOverTLS(t *testing.T) {
	t.Parallel()

	s, url, caPEM := sandboxtest.StartTLS(t, uploadSandbox())
	s.HoldBuilds()

	c := newSocketClient(t, url, func(cfg *Config) { cfg.CACertPEM = caPEM }, maxRetries(4))
	content := strings.Repeat("x", 3<<20)
	files := map[string]string{usersID: newFile(t, "users.csv", content)}

	for n, action := range []sandbox.Action{
		sandbox.RetryAfter(429, "0", true), sandbox.CloseConnection(), sandbox.HalfAnswer(), sandbox.Answer(502, "text/html", ""),
	} {
		s.Inject(sandbox.Fault{Operation: sandbox.OpUpload, Processed: n > 0, Action: action})

		imp, err := c.UploadImport(t.Context(), appID, files, nil)
		if err != nil {
			t.Fatal(err)
		}

		all := s.Imports()
		if len(all) != n+1 || all[n].ID != imp.ID || all[n].Files[0].SHA256 != sumOf(content) {
			t.Errorf("returned %s of %+v", imp.ID, all)
		}
	}

	wantRequests(t, s, sandbox.OpUpload, 5)
}

func TestSortedGUIDs(t *testing.T) {
	t.Parallel()

	files := map[string]string{"B1": "", "a2": "", "A1": "", "b2": ""}

	got := sortedGUIDs(files)
	if diff := cmp.Diff([]string{"A1", "a2", "B1", "b2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	if len(slices.Collect(maps.Keys(files))) != len(got) {
		t.Error("some are missing")
	}
}
