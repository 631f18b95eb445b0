package permissionassist

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestStageImportCanceled(t *testing.T) {
	t.Parallel()

	inBubble(t, "before", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		c := newTestClient(t, s)

		if _, err := c.StageImport(t.Context(), appID); err != nil {
			t.Fatal(err)
		}

		ctx, cancel := context.WithCancel(t.Context())
		cancel()

		for range 20 { // select chooses at random
			_, err := c.StageImport(ctx, appID)
			wantErrorOf[*NotStagedError](t, err)
			wantErrorIs(t, err, context.Canceled)
		}

		_, err := c.StageImport(ctx, otherAppID)
		wantErrorOf[*NotStagedError](t, err)
		wantErrorIs(t, err, context.Canceled)
		wantRequests(t, s, "", 2)
	})

	for name, fault := range map[string]sandbox.Fault{
		"during a slow POST":         {Action: sandbox.Delay(20 * time.Second)},
		"during a POST that is lost": {Action: sandbox.Hang(), Processed: true},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{})
			fault.Operation = sandbox.OpStage
			s.Inject(fault)

			ctx := cancelAfter(t, time.Second)

			imp, err := newTestClient(t, s).StageImport(ctx, appID)
			if err != nil {
				t.Fatal(err)
			}

			wantErrorIs(t, ctx.Err(), context.Canceled)

			if all := s.Imports(); len(all) != 1 || all[0].ID != imp.ID {
				t.Errorf("returned %s of %+v", imp.ID, all)
			}

			wantRequests(t, s, sandbox.OpStage, 1)
		})
	}

	inBubble(t, "during a POST that is not processed", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Hang()})

		_, err := newTestClient(t, s).StageImport(cancelAfter(t, time.Second), appID)
		wantErrorOf[*UncertainStageError](t, err)
		wantErrorIs(t, err, context.Canceled)
		wantErrorIs(t, err, ErrRequestTimeout)
		wantRequests(t, s, sandbox.OpStage, 1)
	})

	inBubble(t, "while it is looked for", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage})

		_, err := newTestClient(t, s).StageImport(cancelAfter(t, time.Second), appID)
		wantErrorOf[*UncertainStageError](t, err)
		wantErrorIs(t, err, context.Canceled)
		wantRequests(t, s, sandbox.OpStage, 1)
	})
}

func TestStageImportCanceledPauses(t *testing.T) {
	t.Parallel()

	inBubble(t, "during the pause the server asked for", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.RetryAfter(503, "60", false)})

		start := time.Now()
		_, err := newTestClient(t, s).StageImport(cancelAfter(t, 10*time.Second), appID)
		wantErrorOf[*NotStagedError](t, err)
		wantErrorIs(t, err, context.Canceled)
		wantRequests(t, s, sandbox.OpStage, 1)

		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("it took %s, want 10s", took)
		}
	})

	inBubble(t, "while another staging has the turn", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Delay(20 * time.Second)})

		c := newTestClient(t, s)
		done := make(chan error)

		go func() {
			_, err := c.StageImport(t.Context(), appID)
			done <- err
		}()

		synctest.Wait()

		start := time.Now()
		_, err := c.StageImport(cancelAfter(t, time.Second), strings.ToUpper(appID))
		wantErrorOf[*NotStagedError](t, err)
		wantErrorIs(t, err, context.Canceled)

		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %s, want 1s", took)
		}

		// Another application does not wait.
		s.AddApplication(sandbox.Application{ID: otherAppID})

		if _, err := c.StageImport(t.Context(), otherAppID); err != nil {
			t.Error(err)
		}

		if took := time.Since(start); took != time.Second {
			t.Errorf("another application's staging waited: %s", took)
		}

		if err := <-done; err != nil {
			t.Error(err)
		}

		wantRequests(t, s, sandbox.OpStage, 2)
	})
}
