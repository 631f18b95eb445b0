package permissionassist

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Files that cannot be uploaded are found before anything is sent.
func TestNewUpload_unusableFiles(t *testing.T) {
	t.Parallel()

	good, empty, dir := newFile(t, "good.csv", "x"), newFile(t, "empty.csv", ""), t.TempDir()
	unreadable := newFile(t, "unreadable.csv", "x")
	if err := os.Chmod(unreadable, 0); err != nil {
		t.Fatal(err)
	}

	for name, test := range map[string]struct{ path, text string }{
		"missing":       {filepath.Join(dir, "x.csv"), "does not exist"},
		"relative":      {"none.csv", "looked for"},
		"below a file":  {filepath.Join(good, "x"), "does not exist"},
		"empty":         {empty, "it is empty"},
		"directory":     {dir, "it is a directory"},
		"device":        {os.DevNull, "a socket or a device"},
		"empty path":    {"", "the path is empty"},
		"not permitted": {unreadable, "cannot be read"},
	} {
		if name == "not permitted" && os.Geteuid() <= 0 || name == "device" && runtime.GOOS == "windows" {
			continue // not possible here
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

func TestHashFile(t *testing.T) {
	t.Parallel()

	content := strings.Repeat("0123456789", 50_000)
	if got, err := HashFile(t.Context(), newFile(t, "a", content)); err != nil || got != sumOf(content) {
		t.Errorf("%s, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := HashFile(ctx, newFile(t, "a", content))
	wantErrorIs(t, err, context.Canceled)
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

// A named pipe is refused without waiting for a writer. A file is opened once: its
// name may belong to another file by the time it is sent.
func TestNewUpload_open(t *testing.T) {
	t.Parallel()

	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := exec.CommandContext(t.Context(), "mkfifo", pipe).Run(); err != nil {
		t.Logf("named pipes are not possible here: %v", err)
	} else {
		_, err := NewUpload(t.Context(), appID, map[string]string{usersID: pipe})
		_ = wantErrorAs[*FileError](t, err)
	}

	s, path := newUploadServer(t), newFile(t, "users.csv", "x")
	u, err := NewUpload(t.Context(), appID, map[string]string{usersID: path})
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	if err := os.Remove(path); err != nil {
		t.Skip(err) // Windows
	}
	if _, err = s.client.UploadApplicationImport(t.Context(), u); err != nil || u.SHA256()[usersID] != sumOf("x") {
		t.Errorf("%v, %v", u.SHA256(), err)
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
