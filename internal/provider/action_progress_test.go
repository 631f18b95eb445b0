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
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
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

func TestProgress_all(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		var l listener

		p := newProgress(t.Context(), l.send)
		p.say("%d", 1)
		p.say("%d", 2)
		p.close()

		if diff := cmp.Diff([]string{"1", "2"}, l.all()); diff != "" {
			t.Error(diff)
		}
	})
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
		observe, stop := p.watch(imp)

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
			name + "still Pending after 30s",
			name + "Running",
			name + "still Running after 1m0s",
			name + "waiting for 1m30s; it was Running when it was last read, 35s ago",
			name + "Paused",
			name + "still Paused after 2m0s",
			name + "Finished",
		}, l.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// An action ends even if Terraform receives no messages: when the import has
// ended, and after Ctrl-C.
func TestStageAction_messagesNotReceived(t *testing.T) {
	t.Parallel()

	for name, interrupts := range map[string]bool{"the import ends": false, "Ctrl-C": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			const appID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()

			server, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID, Name: "x"}}})
			server.HoldBuilds()

			client, err := permissionassist.New(permissionassist.Config{Endpoint: url, Token: sandbox.DefaultToken})
			if err != nil {
				t.Fatal(err)
			}

			a := &stageApplicationImportAction{conn: &connection{Client: client, stager: staging.New(client)}}

			var described action.SchemaResponse

			a.Schema(ctx, action.SchemaRequest{}, &described)

			raw := tftypes.NewValue(described.Schema.Type().TerraformType(ctx), map[string]tftypes.Value{
				"application_id":      tftypes.NewValue(tftypes.String, appID),
				"wait_for_completion": tftypes.NewValue(tftypes.Bool, true),
				"timeout":             tftypes.NewValue(tftypes.String, nil),
			})

			var once sync.Once

			hold := make(chan struct{})
			defer close(hold)

			resp := action.InvokeResponse{SendProgress: func(action.InvokeProgressEvent) {
				once.Do(func() {
					if interrupts {
						interrupt()
					} else {
						server.ReleaseBuilds()
					}
				})
				<-hold
			}}

			a.Invoke(ctx, action.InvokeRequest{Config: tfsdk.Config{Raw: raw, Schema: described.Schema}}, &resp)

			if resp.Diagnostics.HasError() != interrupts {
				t.Errorf("diagnostics: %v", resp.Diagnostics)
			}
		})
	}
}
