package permissionassist

import (
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// However short the request time-out is: a POST whose connection broke is looked
// for as long as that takes to be sure, and then sent again.
func TestStageImport_shortTimeout(t *testing.T) {
	t.Parallel()

	for _, timeout := range []time.Duration{100 * time.Millisecond, settleTime / 2, settleTime} {
		inBubble(t, timeout.String(), func(t *testing.T) {
			s := newSandbox(t, sandbox.Options{})
			s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.CloseConnection()})

			start := time.Now()

			if _, err := newTestClient(t, s, requestTimeout(timeout)).StageImport(t.Context(), appID); err != nil {
				t.Fatal(err)
			}

			if took := time.Since(start); took < settleTime {
				t.Errorf("it was sure after %s", took)
			}

			wantRequests(t, s, sandbox.OpStage, 2)
		})
	}
}
