package permissionassist

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func TestUploadImportFileNames(t *testing.T) {
	t.Parallel()

	if runtime.GOOS == "windows" {
		t.Skip("most of these names are not possible there")
	}

	for name, want := range map[string]string{
		`users.csv`:                    `users.csv`,
		`a "quoted" name.csv`:          `a "quoted" name.csv`,
		`Zugänge – 職員 ✓.csv`:           `Zugänge – 職員 ✓.csv`,
		"a\r\nX-Evil: 1\r\n\r\nb.csv":  `a__X-Evil: 1____b.csv`,
		`back\slash.csv`:               `back_slash.csv`,
		"not\xffUTF-8.csv":             `not_UTF-8.csv`,
		"reversed\u202evsc.exe":        `reversed_vsc.exe`,
		"tab\tand.csv":                 `tab_and.csv`,
		`semi;colon=equals, comma.csv`: `semi;colon=equals, comma.csv`,
		`100%20.csv`:                   `100%20.csv`,
		` spaces .csv `:                ` spaces .csv `,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()

			s := newUploadServer(t)

			imp, err := s.client.UploadImport(t.Context(), appID, map[string]string{usersID: newFile(t, name, "x")}, nil)
			if err != nil {
				t.Fatal(err)
			}

			if made, _ := s.Import(imp.ID); made.Files[0].Name != want || made.Files[0].Size != 1 {
				t.Errorf("the file is %+v, want the name %q", made.Files[0], want)
			}
		})
	}
}

// What can be seen of the files without the server costs no request.
func TestUploadImportUnusableFiles(t *testing.T) {
	t.Parallel()

	good, empty, dir := newFile(t, "good.csv", "x"), newFile(t, "empty.csv", ""), t.TempDir()
	unreadable := newFile(t, "unreadable.csv", "x")

	if err := os.Chmod(unreadable, 0); err != nil {
		t.Fatal(err)
	}

	for name, test := range map[string]struct {
		files map[string]string
		parts []string
	}{
		"none":          {nil, []string{"no files"}},
		"no GUID":       {map[string]string{"users": good}, []string{`"users" is not a GUID`, "good.csv"}},
		"twice":         {map[string]string{usersID: good, strings.ToUpper(usersID): good}, []string{"was given twice"}},
		"missing":       {map[string]string{rolesID: good, usersID: filepath.Join(dir, "x.csv")}, []string{"x.csv", usersID, "does not exist"}},
		"relative":      {map[string]string{usersID: "none.csv"}, []string{`"none.csv"`, "looked for", "permissionassist"}},
		"below a file":  {map[string]string{usersID: filepath.Join(good, "x")}, []string{"does not exist"}},
		"empty":         {map[string]string{usersID: empty}, []string{"empty.csv", usersID, "it is empty"}},
		"directory":     {map[string]string{usersID: dir}, []string{dir, "it is a directory"}},
		"device":        {map[string]string{usersID: os.DevNull}, []string{"not a regular file"}},
		"empty path":    {map[string]string{usersID: ""}, []string{"the path is empty"}},
		"not permitted": {map[string]string{usersID: unreadable}, []string{"unreadable.csv", "cannot be read", "permission denied"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if name == "not permitted" && (os.Geteuid() <= 0) {
				t.Skip("this user may read every file, or there are no such permissions")
			}

			if name == "device" && runtime.GOOS == "windows" {
				t.Skip("there is no such device")
			}

			s := newSandbox(t, uploadSandbox())

			_, err := newTestClient(t, s).UploadImport(t.Context(), appID, test.files, nil)
			wantErrorOf[*NotStagedError](t, err)
			wantContains(t, err.Error(), test.parts...)
			wantRequests(t, s, "", 0)

			if strings.Contains(err.Error(), "GUID") || len(test.files) == 0 || name == "twice" {
				return
			}

			file := wantErrorAs[*FileError](t, err)
			if file.Path != test.files[usersID] || file.FileGroupID != usersID {
				t.Errorf("the error is about %+v", file)
			}

			_, err = HashFile(t.Context(), test.files[usersID])
			if file := wantErrorAs[*FileError](t, err); file.Path != test.files[usersID] || file.FileGroupID != "" {
				t.Errorf("HashFile: the error is about %+v", file)
			}
		})
	}
}

func TestHashFile(t *testing.T) {
	t.Parallel()

	content := strings.Repeat("0123456789", 50_000)

	got, err := HashFile(t.Context(), newFile(t, "a", content))
	if err != nil || got != sumOf(content) {
		t.Errorf("got %s and %v, want %s", got, err, sumOf(content))
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	_, err = HashFile(ctx, newFile(t, "a", content))
	wantErrorIs(t, err, context.Canceled)
}

// A file that changes while it is sent never becomes an import.
func TestUploadImportFileChanges(t *testing.T) {
	t.Parallel()

	const size = 48 << 20 // more than the sockets between the two hold

	for name, test := range map[string]struct {
		change func(path string) error
		parts  []string
	}{
		"grows":   {func(path string) error { return os.Truncate(path, size+1) }, []string{"longer than 50331648 bytes"}},
		"shrinks": {func(path string) error { return os.Truncate(path, size-1) }, []string{"shorter than 50331648 bytes"}},
		"other content": {func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteAt([]byte("x"), size-1)
			}

			if err == nil {
				err = f.Close()
			}

			return err
		}, []string{"its SHA-256 is", "was expected"}},
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

			_, err = s.client.UploadImport(t.Context(), appID, map[string]string{usersID: users, rolesID: roles}, map[string]string{usersID: sum})
			wantErrorOf[*NotStagedError](t, err)
			wantErrorIs(t, err, ErrFileChanged)
			wantContains(t, err.Error(), append(test.parts, users, usersID)...)

			if file := wantErrorAs[*FileError](t, err); file.Path != users || file.FileGroupID != usersID {
				t.Errorf("the error is about %+v", file)
			}

			if n := len(s.seen()); n != 1 {
				t.Errorf("it was sent %d times, want once", n)
			}

			if n := len(s.Imports()); n != 0 {
				t.Errorf("%d imports were made", n)
			}
		})
	}
}

// Another content than the expected one, from the start.
func TestUploadImportUnexpectedContent(t *testing.T) {
	t.Parallel()

	s := newUploadServer(t, maxRetries(4))
	files := map[string]string{usersID: newFile(t, "users.csv", "new"), rolesID: newFile(t, "roles.csv", "r")}

	_, err := s.client.UploadImport(t.Context(), appID, files, map[string]string{strings.ToUpper(usersID): sumOf("old")})
	wantErrorOf[*NotStagedError](t, err)
	wantErrorIs(t, err, ErrFileChanged)
	wantContains(t, err.Error(), sumOf("old"), sumOf("new"))

	if n := len(s.Imports()); n != 0 {
		t.Errorf("%d imports were made", n)
	}

	sums := map[string]string{usersID: sumOf("new"), rolesID: sumOf("r")}
	if _, err := s.client.UploadImport(t.Context(), appID, files, sums); err != nil {
		t.Error(err)
	}
}

// A file that is gone when the server asks to come again.
func TestUploadImportFileGoneBetweenAttempts(t *testing.T) {
	t.Parallel()

	s := newUploadServer(t, maxRetries(4))
	users := newFile(t, "users.csv", "x")

	s.Inject(sandbox.Fault{Operation: sandbox.OpUpload, Action: sandbox.RetryAfter(503, "0", false), When: func(sandbox.Request) bool {
		if err := os.Remove(users); err != nil {
			t.Error(err)
		}

		return true
	}})

	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed there")
	}

	_, err := s.client.UploadImport(t.Context(), appID, map[string]string{usersID: users}, nil)
	wantErrorOf[*NotStagedError](t, err)
	wantErrorIs(t, err, os.ErrNotExist)
	wantErrorOf[*FileError](t, err)
	wantRequests(t, s.Server, sandbox.OpUpload, 1)
}

// Files are not held in memory, wherever they are. Not parallel: it measures
// what the whole process allocates, the server too.
func TestUploadImportMemory(t *testing.T) {
	const size = 64 << 20

	s := newUploadServer(t)
	files := map[string]string{usersID: newSparseFile(t, size)}

	sum, err := HashFile(t.Context(), files[usersID])
	if err != nil {
		t.Fatal(err)
	}

	s.Inject(sandbox.Fault{Operation: sandbox.OpUpload, Action: sandbox.RetryAfter(503, "0", false)})

	var before, after runtime.MemStats

	runtime.ReadMemStats(&before)

	imp, err := newSocketClientOf(t, s).UploadImport(t.Context(), appID, files, map[string]string{usersID: sum})
	if err != nil {
		t.Fatal(err)
	}

	if _, err := HashFile(t.Context(), files[usersID]); err != nil {
		t.Fatal(err)
	}

	runtime.ReadMemStats(&after)

	if got := (after.TotalAlloc - before.TotalAlloc) >> 10; got > 4<<10 {
		t.Errorf("%d KiB were allocated for three passes over a file of %d KiB", got, size>>10)
	}

	if made, _ := s.Import(imp.ID); made.Files[0].Size != size || made.Files[0].SHA256 != sum {
		t.Errorf("the file is %+v", made.Files[0])
	}
}

// newSocketClientOf is another client of the same server, which tries again.
func newSocketClientOf(t *testing.T, s *uploadServer) *Client {
	t.Helper()

	url := strings.TrimSuffix(s.client.base.String(), "/api")

	return newSocketClient(t, url, maxRetries(4))
}

// Memory has to stay the same whatever the size: see sys-MiB, what the process
// (with the server) has got from the system.
func BenchmarkUploadImport(b *testing.B) {
	for _, mib := range []int64{1, 64, 1024} {
		b.Run(fmt.Sprintf("%dMiB", mib), func(b *testing.B) {
			s, url := sandboxtest.Start(b, uploadSandbox())
			s.HoldBuilds()

			c, err := New(Config{Endpoint: url, Token: testToken})
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()

			files := map[string]string{usersID: newSparseFile(b, mib<<20)}

			b.SetBytes(mib << 20)
			b.ReportAllocs()

			for b.Loop() {
				if _, err := c.UploadImport(b.Context(), appID, files, nil); err != nil {
					b.Fatal(err)
				}
			}

			var after runtime.MemStats

			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.Sys)/(1<<20), "sys-MiB")
		})
	}
}
