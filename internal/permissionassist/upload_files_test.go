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
		"device":        {os.DevNull, "not a regular file"},
		"empty path":    {"", "the path is empty"},
		"not permitted": {unreadable, "cannot be read"},
	} {
		if name == "not permitted" && os.Geteuid() <= 0 || name == "device" && runtime.GOOS == "windows" {
			continue // not possible here
		}
		_, errUpload := NewUpload(appID, map[string]string{rolesID: good, usersID: test.path}, nil)
		_, errHash := HashFile(t.Context(), test.path)
		for group, err := range map[string]error{usersID: errUpload, "": errHash} {
			if file := wantErrorAs[*FileError](t, err); file.Path != test.path || file.FileGroupID != group {
				t.Errorf("the error is about %+v", file)
			}
			wantContains(t, err.Error(), test.text, group)
		}
	}
}

func TestNewUpload_refused(t *testing.T) {
	t.Parallel()

	good := newFile(t, "good.csv", "x")
	for text, test := range map[string]struct {
		application string
		files       map[string]string
	}{
		`"x" is not a GUID`:     {"x", map[string]string{usersID: good}},
		"no files":              {appID, nil},
		`"users" is not a GUID`: {appID, map[string]string{"users": good}},
		"given twice":           {appID, map[string]string{usersID: good, strings.ToUpper(usersID): good}},
	} {
		if _, err := NewUpload(test.application, test.files, nil); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("the error is %v, want %s", err, text)
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
		"grows":   {func(path string) error { return os.Truncate(path, size+1) }, "longer than"},
		"shrinks": {func(path string) error { return os.Truncate(path, size-1) }, "shorter than"},
		"other content": {func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteAt([]byte("x"), size-1)
			}
			if err == nil {
				err = f.Close()
			}
			return err
		}, "its SHA-256 is"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := newUploadServer(t, maxRetries(4))
			users, roles := newSparseFile(t, size), newFile(t, "roles.csv", "r")
			sum, err := HashFile(t.Context(), users)
			if err != nil {
				t.Fatal(err)
			}
			s.handle = func(w http.ResponseWriter, req *http.Request) {
				if _, err := io.ReadFull(req.Body, make([]byte, 1000)); err != nil {
					t.Error(err)
				}
				if err := test.change(users); err != nil {
					t.Error(err)
				}
				s.ServeHTTP(w, req)
			}

			_, err = upload(t.Context(), s.client, appID, map[string]string{usersID: users, rolesID: roles}, map[string]string{usersID: sum})
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

// A file that was replaced after the check is checked again when it is opened.
// A named pipe is refused without waiting for a writer.
func TestUpload_fileReplaced(t *testing.T) {
	t.Parallel()

	for name, replace := range map[string]func(path string) error{
		"by nothing":      func(string) error { return nil },
		"by a directory":  func(path string) error { return os.Mkdir(path, 0o700) },
		"by a named pipe": func(path string) error { return exec.CommandContext(t.Context(), "mkfifo", path).Run() },
	} {
		s := newUploadServer(t, maxRetries(4))
		path := newFile(t, "users.csv", "x")
		u, err := NewUpload(appID, map[string]string{usersID: path}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := replace(path); err != nil {
			t.Logf("%s: not possible here: %v", name, err)
			continue
		}

		_, err = s.client.UploadApplicationImport(t.Context(), u)
		_ = wantErrorAs[*FileError](t, err)
		if about := RequestOf(err); about.Sent || len(s.recorded()) != 0 {
			t.Errorf("%s: %d uploads, %+v", name, len(s.recorded()), about)
		}
	}
}

// Files are not held in memory, even if an upload is repeated. Not parallel: it
// measures what the whole process allocates.
func TestUpload_memory(t *testing.T) {
	const size = 64 << 20

	s := newUploadServer(t, maxRetries(1))
	files := map[string]string{usersID: newSparseFile(t, size)}
	s.Inject(sandbox.Fault{Operation: sandbox.OpUpload, Action: sandbox.RetryAfter(503, "0", false)})

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sum, err := HashFile(t.Context(), files[usersID])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := upload(t.Context(), s.client, appID, files, map[string]string{usersID: sum}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) >> 10; got > 4<<10 {
		t.Errorf("%d KiB were allocated for three passes over a file of %d KiB", got, size>>10)
	}
}
