package provider

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// listener receives messages like Terraform.
type listener struct {
	mu       sync.Mutex
	received []string
}

func (l *listener) send(event action.InvokeProgressEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.received = append(l.received, event.Message)
}

func (l *listener) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.received)
}

// TestStageAction_interrupted shows that nothing is sent after Ctrl-C.
func TestProgress_watch(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		var l listener

		imp := permissionassist.ApplicationImport{
			ID: "3f2504e0-4f89-41d3-9a0c-0305e82c3301", Number: 42, Status: permissionassist.StatusPending,
			Application: &permissionassist.Application{Name: "Jack Henry"},
		}
		say := newProgress(t.Context(), l.send)
		observe, stop := say.watch(t.Context(), imp, func(_ context.Context, imp permissionassist.ApplicationImport) string {
			return map[permissionassist.Status]string{permissionassist.StatusPending: "Others are ahead."}[imp.Status]
		})

		read := func(after time.Duration, status permissionassist.Status) {
			<-time.After(after)

			imp.Status = status
			observe(imp)
		}

		read(20*time.Second, "Pending")
		read(20*time.Second, "Running")
		read(15*time.Second, "Running")
		// From here on, the import cannot be read.
		read(61*time.Second, "Paused")
		read(10*time.Second, "Finished")
		stop()
		stop()
		<-time.After(time.Hour)

		const name = "Import #42 of Jack Henry: "
		if diff := cmp.Diff([]string{
			name + "still Pending after 30s. Others are ahead.",
			name + "Running",
			name + "still Running after 1m0s",
			name + "1m30s so far; it was Running when last read, 35s ago",
			name + "Paused",
			name + "still Paused after 2m0s",
			name + "Finished",
		}, l.all()); diff != "" {
			t.Error(diff)
		}
	})
}
