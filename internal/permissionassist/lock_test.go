package permissionassist

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// twoProcesses are two clients of one server that share nothing but a folder.
func twoProcesses(t *testing.T, s *sandbox.Server) (a, b *Client) {
	t.Helper()

	a, b = newTestClient(t, s), newTestClient(t, s)
	a.lockDir = filepath.Join(t.TempDir(), "made", "where missing")
	b.lockDir = a.lockDir

	return a, b
}

// The POST of one process gets lost before it reaches the server, and another
// process stages in that moment: each ends with an import of its own.
func TestLockStagingOtherProcessMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		a, b := twoProcesses(t, s)
		others := make(chan Import, 1)

		lost := s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.CloseConnection(), When: func(sandbox.Request) bool {
			go func() {
				imp, err := b.StageImport(t.Context(), appID)
				if err != nil {
					t.Error(err)
				}

				others <- imp
			}()

			return true
		}})

		ours, err := a.StageImport(t.Context(), appID)
		if err != nil {
			t.Fatal(err)
		}

		if theirs := <-others; SameGUID(ours.ID, theirs.ID) || len(s.Imports()) != 2 || lost.Fired() != 1 {
			t.Errorf("the processes have %s and %s, the server has %d imports", ours.ID, theirs.ID, len(s.Imports()))
		}
	})
}

// What was noted before another process had its turn is noted anew.
func TestLockStagingOtherProcessSince(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		a, b := twoProcesses(t, s)
		got := map[string]bool{}

		for i, c := range []*Client{a, b, a, a, a} {
			if i == 2 {
				s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.CloseConnection()})
			}

			if i == 4 {
				// Nobody else had a turn: the good path reads no list again.
				s.ResetRequests()
			}

			imp, err := c.StageImport(t.Context(), appID)
			if err != nil {
				t.Fatal(err)
			}

			got[imp.ID] = true
		}

		if len(got) != 5 || len(s.Imports()) != 5 {
			t.Errorf("five stagings got %d imports, the server has %d", len(got), len(s.Imports()))
		}

		wantRequests(t, s, sandbox.OpListImports, 0)
	})
}

func TestLockStagingOtherApplicationDoesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		s.AddApplication(sandbox.Application{ID: otherAppID})
		a, b := twoProcesses(t, s)

		unlock, err := a.lockStaging(t.Context(), a.stagingFor(otherAppID), otherAppID)
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()

		start := time.Now()

		if _, err := b.StageImport(t.Context(), appID); err != nil {
			t.Fatal(err)
		}

		if took := time.Since(start); took > 0 {
			t.Errorf("it waited for %s", took)
		}
	})
}

func TestLockStagingInterruptedWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		a, b := twoProcesses(t, s)

		unlock, err := a.lockStaging(t.Context(), a.stagingFor(appID), appID)
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()

		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()

		_, err = b.StageImport(ctx, appID)
		wantErrorOf[*NotStagedError](t, err)
		wantContains(t, err.Error(), "another process")

		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}

		wantRequests(t, s, "", 0)
	})
}

// A machine on which no lock can be had stages all the same.
func TestLockStagingWithoutLocks(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{})
	c := newTestClient(t, s)
	c.lockDir = filepath.Join(t.TempDir(), "file")

	if err := os.WriteFile(c.lockDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	for range 2 {
		if _, err := c.StageImport(t.Context(), appID); err != nil {
			t.Fatal(err)
		}
	}

	wantRequests(t, s, sandbox.OpListImports, 1)
}
