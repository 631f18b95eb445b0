package permissionassist

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Another program may hold a file for a while.
func TestWhenFree(t *testing.T) {
	t.Parallel()

	errHeld := &fs.PathError{Op: "open", Path: "users.csv", Err: errors.New("sharing violation")}
	isHeld := func(err error) bool { return errors.Is(err, errHeld) }

	for name, test := range map[string]struct {
		heldFor, timeout time.Duration
		want             error
		took             time.Duration
	}{
		"free":        {0, time.Minute, nil, 0},
		"soon free":   {3 * time.Second, time.Minute, nil, 3 * time.Second},
		"not free":    {time.Hour, time.Minute, ErrFileBusy, busyPatience},
		"interrupted": {time.Hour, time.Second, ErrFileBusy, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
			defer cancel()

			start := time.Now()
			err := whenFree(ctx, isHeld, func() error {
				if time.Since(start) < test.heldFor {
					return errHeld
				}
				return nil
			})
			if !errors.Is(err, test.want) || time.Since(start) != test.took {
				t.Errorf("%s: %v after %s, want %v after %s", name, err, time.Since(start), test.want, test.took)
			}
		})
	}
}

// A file that does not exist is explained by what is there instead.
func TestCheckFile_similar(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	link, composed := filepath.Join(dir, "link.csv"), filepath.Join(dir, "Zugänge.csv")
	decomposed := norm.NFD.String(composed)
	if err := os.Symlink(filepath.Join(dir, "none.csv"), link); err != nil {
		t.Skip(err) // Windows without the privilege
	}
	if err := os.WriteFile(decomposed, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	wants := map[string]string{link: "it is a link to", "~/users.csv": "pathexpand", filepath.Join(dir, "none.csv"): "does not exist"}
	if _, err := os.Stat(composed); err != nil { // macOS finds it
		wants[composed] = "looks the same"
	}
	for path, want := range wants {
		err := CheckFile(t.Context(), path)
		_ = wantErrorAs[*FileError](t, err)
		wantContains(t, err.Error(), want)
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
