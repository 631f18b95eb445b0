package permissionassist

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

func newFile(tb testing.TB, name, content string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// newSparseFile makes a file that takes no room on the disk.
func newSparseFile(tb testing.TB, size int64) string {
	tb.Helper()
	path := newFile(tb, "export.csv", "")
	if err := os.Truncate(path, size); err != nil {
		tb.Fatal(err)
	}
	return path
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// upload uploads files for the application appID.
func upload(ctx context.Context, c *Client, files map[string]string) (ApplicationImport, error) {
	u, err := NewUpload(ctx, appID, files)
	if err != nil {
		return ApplicationImport{}, err
	}
	defer u.Close()
	return c.UploadApplicationImport(ctx, u)
}

// uploadServer is a sandbox behind a real socket that records its uploads, and
// whose uploads can be handled by something else.
type uploadServer struct {
	*sandbox.Server
	client *Client

	mu      sync.Mutex
	uploads []*http.Request
	// handle, if not nil, handles uploads.
	handle func(http.ResponseWriter, *http.Request)
}

func newUploadServer(t *testing.T, change ...func(*Config)) *uploadServer {
	t.Helper()
	s := &uploadServer{Server: newSandbox(t, uploadSandbox())}
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		s.mu.Lock()
		s.uploads = append(s.uploads, req)
		s.mu.Unlock()
		if s.handle != nil {
			s.handle(w, req)
			return
		}
		s.ServeHTTP(w, req)
	}))
	s.client = newSocketClient(t, server.URL, change...)
	return s
}

func (s *uploadServer) recorded() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.uploads)
}

func TestUpload(t *testing.T) {
	t.Parallel()

	s := newUploadServer(t)
	users, roles := strings.Repeat("name,role\n", 100_000), "r"
	usersPath := newFile(t, "users.csv", users)
	u, err := NewUpload(t.Context(), strings.ToUpper(appID), map[string]string{
		strings.ToUpper(usersID): usersPath, rolesID: newFile(t, "roles.csv", roles),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	// A file is opened once: its name may belong to another file by the time it is
	// sent. Windows does not allow it.
	_ = os.Remove(usersPath)
	imp, err := s.client.UploadApplicationImport(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{strings.ToUpper(usersID): sumOf(users), rolesID: sumOf(roles)}, u.SHA256()); diff != "" {
		t.Errorf("SHA-256 (-want +got):\n%s", diff)
	}

	made, _ := s.Import(imp.ID)
	want := []sandbox.File{
		{FileGroupID: usersID, FileGroup: "Users", Name: "users.csv", Size: int64(len(users)), SHA256: sumOf(users)},
		{FileGroupID: rolesID, FileGroup: "Roles", Name: "roles.csv", Size: 1, SHA256: sumOf(roles)},
	}
	if diff := cmp.Diff(want, made.Files, cmpopts.IgnoreFields(sandbox.File{}, "ID")); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if imp.Number != 1 || imp.Status != StatusPending || imp.Application.ID != appID || len(imp.Files) != 2 {
		t.Errorf("the import is %+v", imp)
	}

	request := s.recorded()[0]
	if request.ContentLength < int64(len(users)) || len(request.TransferEncoding) != 0 {
		t.Errorf("content length %d, transfer encoding %q", request.ContentLength, request.TransferEncoding)
	}
}

func TestUpload_fileNames(t *testing.T) {
	t.Parallel()

	if runtime.GOOS == "windows" {
		t.Skip("most of these names are not possible there")
	}
	s := newUploadServer(t)
	for name, want := range map[string]string{
		`users.csv`:                     `users.csv`,
		`a "quoted" name.csv`:           `a "quoted" name.csv`,
		`Zugänge – 職員 ✓.csv`:            `Zugänge – 職員 ✓.csv`,
		"a\r\nX-Evil: 1\r\n\r\nb.csv":   `a__X-Evil: 1____b.csv`,
		`back\slash.csv`:                `back_slash.csv`,
		"not\xffUTF-8.csv":              `not_UTF-8.csv`,
		"reversed\u202evsc.exe":         `reversed_vsc.exe`,
		`semi;colon=equals, 100%20.csv`: `semi;colon=equals, 100%20.csv`,
		` spaces .csv `:                 ` spaces .csv `,
	} {
		imp, err := upload(t.Context(), s.client, map[string]string{usersID: newFile(t, name, "x")})
		if err != nil {
			t.Fatal(err)
		}
		if made, _ := s.Import(imp.ID); made.Files[0].Name != want {
			t.Errorf("the file %q is called %q, want %q", name, made.Files[0].Name, want)
		}
	}
}

// If the server refuses before the files are sent, the client gets the response
// and sends no files.
func TestUpload_refusedEarly(t *testing.T) {
	t.Parallel()

	for name, respond := range map[string]http.HandlerFunc{
		"413": replyHTML(413), "302": replyHTML(302),
		"500": replyJSON(500, envelopeJSON("server_error", "Down")),
	} {
		s := newUploadServer(t)
		s.handle = respond
		_, err := upload(t.Context(), s.client, map[string]string{usersID: newSparseFile(t, 64<<20)})
		wantContains(t, err.Error(), name)
		if about := RequestOf(err); !about.Connected || about.BodyBytes != 0 || ProcessedOf(err) != ProcessedNo {
			t.Errorf("the error is about %+v", about)
		}
		if recorded := s.recorded(); len(recorded) != 1 || recorded[0].Header.Get("Expect") != "100-continue" {
			t.Errorf("the uploads are %+v", recorded)
		}
	}
}

// A proxy that does not support "Expect: 100-continue" gets the files without
// it.
func TestUpload_expectationFailed(t *testing.T) {
	t.Parallel()

	s := newUploadServer(t, maxRetries(1))
	s.handle = func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Expect") != "" {
			replyHTML(417)(w, req)
			return
		}
		s.ServeHTTP(w, req)
	}
	if _, err := upload(t.Context(), s.client, map[string]string{usersID: newFile(t, "a", "x")}); err != nil || len(s.recorded()) != 2 {
		t.Errorf("%d uploads, %v", len(s.recorded()), err)
	}
}

func TestUpload_overHTTP2(t *testing.T) {
	t.Parallel()

	s, url, caPEM := sandboxtest.StartTLS(t, uploadSandbox())
	s.HoldBuilds()
	content := strings.Repeat("x", 3<<20)
	s.Inject(sandbox.Fault{Operation: sandbox.OpUpload, Action: sandbox.RetryAfter(429, "0", true)})
	c := newSocketClient(t, url, trusting(caPEM), maxRetries(1))

	imp, err := upload(t.Context(), c, map[string]string{usersID: newFile(t, "users.csv", content)})
	if err != nil {
		t.Fatal(err)
	}
	if all := s.Imports(); len(all) != 1 || all[0].ID != imp.ID || all[0].Files[0].SHA256 != sumOf(content) {
		t.Errorf("the import is %s of %+v", imp.ID, all)
	}
	wantRequests(t, s, sandbox.OpUpload, 2)
}

// slowly is a transport whose connection takes its time for each piece of the
// body.
type slowly struct {
	next  http.RoundTripper
	piece func(n int) time.Duration
	posts atomic.Int64
}

func (s *slowly) RoundTrip(req *http.Request) (*http.Response, error) {
	const pieceSize = 1000

	defer func() { _ = req.Body.Close() }()
	s.posts.Add(1)
	httptrace.ContextClientTrace(req.Context()).GotConn(httptrace.GotConnInfo{})

	var body bytes.Buffer
	for n := 0; int64(body.Len()) < req.ContentLength; n++ {
		select {
		case <-time.After(s.piece(n)):
		case <-req.Context().Done():
			return nil, context.Cause(req.Context())
		}
		if _, err := io.CopyN(&body, req.Body, min(pieceSize, req.ContentLength-int64(body.Len()))); err != nil {
			return nil, err
		}
	}
	in := req.Clone(req.Context())
	in.Body = io.NopCloser(&body)
	return s.next.RoundTrip(in)
}

// The request timeout does not end an upload that makes progress, and half of
// an upload is not repeated. The end of the context stops the sending. A
// response to files that were sent completely is awaited (see
// staging.TestStage_interrupted).
func TestUpload_slow(t *testing.T) {
	t.Parallel()

	const almost = 29 * time.Second
	for name, test := range map[string]struct {
		piece, sixth    time.Duration // how long sending them takes
		interrupt, took time.Duration
		want            error // nil: an import
	}{
		"slow all the way": {almost, almost, time.Hour, 11 * almost, nil}, // 10 pieces and the response
		"stops moving":     {0, time.Hour, time.Hour, 30 * time.Second, ErrRequestTimeout},
		"interrupted":      {20 * time.Second, 20 * time.Second, 50 * time.Second, 50 * time.Second, context.Canceled},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := newSandbox(t, uploadSandbox())
			s.Inject(sandbox.Fault{Operation: sandbox.OpUpload, Action: sandbox.Delay(almost)})
			transport := &slowly{next: &sandboxtest.InProcess{Handler: s}, piece: func(n int) time.Duration {
				if n == 5 {
					return test.sixth
				}
				return test.piece
			}}
			c := newTestClient(t, nil, requestTimeout(30*time.Second), withTransport(transport))
			path, start := newFile(t, "users.csv", strings.Repeat("x", 9000)), time.Now()

			_, err := upload(cancelAfter(t, test.interrupt), c, map[string]string{usersID: path})
			wantElapsed(t, start, test.took, test.took)
			if posts := transport.posts.Load(); !errors.Is(err, test.want) || posts != 1 {
				t.Errorf("%d POSTs, %v", posts, err)
			}
			if all := s.Imports(); test.want == nil && (len(all) != 1 || all[0].Files[0].Size != 9000) {
				t.Errorf("the imports are %+v", all)
			}
			if test.want != nil && (RequestOf(err).Complete || ProcessedOf(err) != ProcessedUnlikely || len(s.Imports()) != 0) {
				t.Errorf("%d imports, %+v", len(s.Imports()), RequestOf(err))
			}
		})
	}
}

// Files that cannot be uploaded are found before anything is sent.
func TestNewUpload_unusableFiles(t *testing.T) {
	t.Parallel()

	good, empty, dir := newFile(t, "good.csv", "x"), newFile(t, "empty.csv", ""), t.TempDir()
	unreadable := newFile(t, "unreadable.csv", "x")
	if err := os.Chmod(unreadable, 0); err != nil {
		t.Fatal(err)
	}

	pipe := filepath.Join(dir, "pipe") // refused without waiting for a writer
	errPipe := exec.CommandContext(t.Context(), "mkfifo", pipe).Run()
	impossible := map[string]bool{"pipe": errPipe != nil, "device": runtime.GOOS == "windows", "not permitted": os.Geteuid() <= 0}

	for name, test := range map[string]struct{ path, text string }{
		"pipe":          {pipe, "it is a pipe"},
		"missing":       {filepath.Join(dir, "x.csv"), "does not exist"},
		"relative":      {"none.csv", "looked for"},
		"below a file":  {filepath.Join(good, "x"), "does not exist"},
		"empty":         {empty, "it is empty"},
		"directory":     {dir, "it is a directory"},
		"device":        {os.DevNull, "a socket or a device"},
		"empty path":    {"", "the path is empty"},
		"not permitted": {unreadable, "cannot be read"},
	} {
		if impossible[name] {
			continue
		}
		_, errUpload := NewUpload(t.Context(), appID, map[string]string{rolesID: good, usersID: test.path})
		_, errHash := HashFile(t.Context(), test.path)
		for group, err := range map[string]error{usersID: errUpload, "": errHash} {
			if file := wantErrorAs[*FileError](t, err); file.Path != test.path || file.FileGroupID != group {
				t.Errorf("the error is about %+v", file)
			}
			wantContains(t, err.Error(), test.text, group)
		}
	}
}

// A file that changes while it is sent never becomes an import, and is not sent
// again.
func TestUpload_fileChanges(t *testing.T) {
	t.Parallel()

	const size = 48 << 20 // more than the sockets between the two hold
	for name, test := range map[string]struct {
		change func(path string) error
		text   string
	}{
		"grows":   {func(path string) error { return os.Truncate(path, size+1) }, "now it has 50331649"},
		"shrinks": {func(path string) error { return os.Truncate(path, size-1) }, "now it has 50331647"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := newUploadServer(t, maxRetries(4))
			users, roles := newSparseFile(t, size), newFile(t, "roles.csv", "r")
			s.handle = func(w http.ResponseWriter, req *http.Request) {
				if _, err := io.ReadFull(req.Body, make([]byte, 1000)); err != nil {
					t.Error(err)
				}
				if err := test.change(users); err != nil {
					t.Error(err)
				}
				s.ServeHTTP(w, req)
			}

			_, err := upload(t.Context(), s.client, map[string]string{usersID: users, rolesID: roles})
			wantErrorIs(t, err, ErrFileChanged)
			wantContains(t, err.Error(), test.text)
			if file := wantErrorAs[*FileError](t, err); file.Path != users || file.FileGroupID != usersID {
				t.Errorf("the error is about %+v", file)
			}
			if len(s.recorded()) != 1 || len(s.Imports()) != 0 {
				t.Errorf("%d uploads, %d imports", len(s.recorded()), len(s.Imports()))
			}
		})
	}
}

// Files are not held in memory, even if an upload is repeated. Not parallel: it
// measures what the whole process allocates.
func TestUpload_memory(t *testing.T) {
	const size = 16 << 20

	s := newUploadServer(t, maxRetries(1))
	files := map[string]string{usersID: newSparseFile(t, size)}
	s.Inject(sandbox.Fault{Operation: sandbox.OpUpload, Action: sandbox.RetryAfter(503, "0", false)})

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := HashFile(t.Context(), files[usersID]); err != nil {
		t.Fatal(err)
	}
	if _, err := upload(t.Context(), s.client, files); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) >> 10; got > 2<<10 {
		t.Errorf("%d KiB were allocated for three passes over a file of %d KiB", got, size>>10)
	}
}
