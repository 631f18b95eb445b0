package provider

import (
	"context"
	"slices"
	"strings"
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
)

// listener is Terraform as progress sees it.
type listener struct {
	mu    sync.Mutex
	heard []string
	// ignores, if not nil, is what a message is held up by.
	ignores chan struct{}
}

func (l *listener) send(event action.InvokeProgressEvent) {
	if l.ignores != nil {
		<-l.ignores
	}

	l.mu.Lock()
	defer l.mu.Unlock()

	l.heard = append(l.heard, event.Message)
}

func (l *listener) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()

	return slices.Clone(l.heard)
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

// A Terraform that has stopped listening holds an action up for a moment only,
// and not at all after Ctrl-C.
func TestProgress_nobodyListens(t *testing.T) {
	t.Parallel()

	for interrupted, want := range map[bool]time.Duration{false: progressPatience, true: 0} {
		synctest.Test(t, func(t *testing.T) {
			l := listener{ignores: make(chan struct{})}
			// Let go of in the end, for the bubble's sake.
			defer close(l.ignores)

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
				t.Errorf("it took %s, want %s", took, want)
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

		imp := permissionassist.Import{
			ID: "3f2504e0-4f89-41d3-9a0c-0305e82c3301", Number: 42, Status: permissionassist.StatusPending,
			Application: &permissionassist.Application{Name: "Jack\x1b[31m"},
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
		// From here on it cannot be read.
		read(61*time.Second, "Paused\nby \x1b[31m")
		read(10*time.Second, "Finished")
		stop()
		stop()
		<-time.After(time.Hour)
		p.close()

		const name = `Import #42 of Jack\x1b[31m: `
		if diff := cmp.Diff([]string{
			name + "still Pending after 30s",
			name + "Running",
			name + "still Running after 1m0s",
			name + "waiting for 1m30s; it was Running when it was last read, 35s ago",
			name + `Paused by \x1b[31m`,
			name + `still Paused by \x1b[31m after 2m0s`,
			name + "Finished",
		}, l.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// An action comes to its end although nobody takes its messages: when the
// import has ended, and with Ctrl-C.
func TestStageAction_nobodyTakesMessages(t *testing.T) {
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

			a := &stageApplicationImportAction{client: client}

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

func TestListedName(t *testing.T) {
	t.Parallel()

	app := func(name string) *permissionassist.Application { return &permissionassist.Application{Name: name} }

	for want, imp := range map[string]permissionassist.Import{
		"#42 Jack Henry Silverlake (Running)": {ID: "x", Number: 42, Application: app("Jack Henry Silverlake"), Status: "Running"},
		"x (Pending)":                         {ID: "x", Status: "Pending"},
		"#42 (unknown)":                       {ID: "x", Number: 42, Application: app(" ")},
		`#1 a b\x1b[31m (c d)`:                {Number: 1, Application: app("a\r\nb\x1b[31m"), Status: "c\td"},
		"#1 " + strings.Repeat("é", 200) + "… (" + strings.Repeat("x", 200) + "…)": {
			Number: 1, Application: app(strings.Repeat("é", 201)), Status: permissionassist.Status(strings.Repeat("x", 5000)),
		},
	} {
		if got := listedName(imp); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
