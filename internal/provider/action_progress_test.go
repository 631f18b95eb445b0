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
	// blocked, if not nil, blocks each message until it is closed.
	blocked chan struct{}
}

func (l *listener) send(event action.InvokeProgressEvent) {
	if l.blocked != nil {
		<-l.blocked
	}

	l.mu.Lock()
	defer l.mu.Unlock()

	l.received = append(l.received, event.Message)
}

func (l *listener) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.received)
}

// If Terraform has stopped listening, an action waits for progressPatience, and
// after Ctrl-C not at all.
func TestProgress_stoppedListening(t *testing.T) {
	t.Parallel()

	for interrupted, want := range map[bool]time.Duration{false: progressPatience, true: 0} {
		synctest.Test(t, func(t *testing.T) {
			l := listener{blocked: make(chan struct{})}
			// The bubble must not end before its goroutines.
			defer close(l.blocked)

			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()

			p := newProgress(ctx, l.send)
			begun := time.Now()

			for range 3 * progressBacklog {
				p.say("x")
			}

			synctest.Wait()

			if interrupted {
				interrupt()
			}

			p.close()

			if took := time.Since(begun); took != want {
				t.Errorf("close took %s, want %s", took, want)
			}
		})
	}
}

func TestProgress_nothingAfterInterrupt(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		var l listener

		ctx, interrupt := context.WithCancel(t.Context())
		p := newProgress(ctx, l.send)
		p.say("before")
		synctest.Wait()
		interrupt()
		p.say("after")
		p.close()
		synctest.Wait()

		if diff := cmp.Diff([]string{"before"}, l.all()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestProgress_watch(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		var l listener

		imp := permissionassist.ApplicationImport{
			ID: "3f2504e0-4f89-41d3-9a0c-0305e82c3301", Number: 42, Status: permissionassist.StatusPending,
			Application: &permissionassist.Application{Name: "Jack Henry"},
		}
		p := newProgress(t.Context(), l.send)
		observe, stop := p.watch(t.Context(), imp, func(_ context.Context, imp permissionassist.ApplicationImport) string {
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
		p.close()

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
