package permissionassist

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"
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
