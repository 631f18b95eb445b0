package provider_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// becomes returns a function that changes the import at its first read, when
// the provider waits for it.
func becomes(change func(*sandbox.Import)) func(*testing.T, target) {
	return func(t *testing.T, tg target) {
		t.Helper()
		tg.onRead(1, func() { tg.sandbox.UpdateImport(tg.onlyImport(t).ID, change) })
	}
}

func fails(f sandbox.Fault) func(*testing.T, target) {
	f.Operation = sandbox.OpGetImport
	return func(_ *testing.T, tg target) { tg.sandbox.Inject(f) }
}

// waitEnd is one way a wait can end.
type waitEnd struct {
	arrange func(*testing.T, target)
	summary string
	// want and not are fragments of the detail.
	want, not []string
}

func waitEnds() map[string]waitEnd {
	end := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	long := strings.Repeat("x", 600)
	return map[string]waitEnd{
		"finished": {becomes(func(i *sandbox.Import) { i.Status = sandbox.StatusFinished }), "", nil, nil},
		"passing errors": {func(t *testing.T, tg target) {
			t.Helper()
			fails(sandbox.Fault{Action: notFound()})(t, tg)
			fails(sandbox.Fault{Action: sandbox.LoginPage(), Times: 3})(t, tg)
			fails(sandbox.Fault{Action: notFound(), Skip: 1})(t, tg)
			tg.onRead(3, func() { tg.setStatus(t, sandbox.StatusFinished) })
		}, "", nil, nil},
		"failed": {
			becomes(func(i *sandbox.Import) {
				i.Status, i.Log = sandbox.StatusFailed, "line 0\n"+strings.Repeat("\n  indented \n", 18)+"::add-mask::x\n"+long+"\n"
			}),
			"ERROR: Import has failed",
			[]string{"#1 of " + appName, "\n|   indented\n", "\n| : :add-mask", "\n| " + long[:499] + "…\n", "to stage a new import"},
			[]string{"line 0", "\n| \n"},
		},
		"canceled": {
			becomes(func(i *sandbox.Import) { i.Status = sandbox.StatusCanceled }), "ERROR: Import was canceled",
			[]string{"a program canceled it", "no log"}, nil,
		},
		"unknown outcome": {
			becomes(func(i *sandbox.Import) { i.Status, i.BuildEnd = "Rejected", &end }), "ERROR: Import ended with an unknown outcome",
			[]string{"Rejected", "does not document"}, []string{"continues"},
		},
		"removed": {
			func(t *testing.T, tg target) {
				t.Helper()
				tg.onRead(1, func() { tg.sandbox.RemoveImport(tg.onlyImport(t).ID) })
			},
			"ERROR: Import no longer exists", []string{"Pending", "To stage a new import"}, []string{"Check the ID", "keep waiting"},
		},
		"other application": {
			fails(sandbox.Fault{Times: -1, Action: otherApplicationID()}), "ERROR: Import belongs to another application",
			[]string{otherAppID, "does not cancel it"}, []string{"keep waiting"},
		},
		"token refused": {
			fails(sandbox.Fault{Action: sandbox.Envelope(401, "unauthorized", "Invalid token")}), "ERROR: Stopped waiting for the import",
			[]string{"| Invalid token", "The token was refused", "Pending"}, nil,
		},
		"too long": {
			func(*testing.T, target) {}, "ERROR: Import did not end in time",
			[]string{"within 1h0m0s", "Pending", "continues in Permission Assist", "one at a time"}, []string{"It may have ended"},
		},
		"paused": {
			becomes(func(i *sandbox.Import) { i.Status = "Awaiting Review" }), "ERROR: Import did not end in time",
			[]string{"Awaiting Review", "until someone continues or cancels it", "did not cancel it"}, []string{"one at a time", "continues in"},
		},
		"unreadable": {
			fails(sandbox.Fault{Times: -1, Action: sandbox.Respond(502, "text/html", "")}), "ERROR: Import did not end in time",
			[]string{"It may have ended", "HTTP status 502", envEndpoint}, []string{"ahead of it"},
		},
	}
}

// For each end of a wait, a create, an update and an action have the same
// diagnostic and different advice.
func TestWait(t *testing.T) {
	t.Parallel()

	const hour = "1h"
	for name, end := range waitEnds() {
		inFakeTime(t, "create/"+name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			end.arrange(t, tg)
			config := waiting()
			config["timeouts"] = timeouts(hour, hour)

			p := configuredProtocol(t, tg)
			resp := p.apply(t.Context(), nil, config)
			got := end.expect(t, resp.Diagnostics)
			if p.state(resp.NewState).text("id") == "" {
				t.Error("the import is not in the state")
			}
			expectNone(t, got, "invoke the action again", "Run terraform apply again to keep waiting")
			if strings.Contains(end.summary, "in time") {
				expectAll(t, got, "terraform untaint ADDRESS")
			}
			tg.expectCount(t, sandbox.OpCancel, 0)
		})
		inFakeTime(t, "action/"+name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			end.arrange(t, tg)

			result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{
				"application_id": str(appID), "wait_for_completion": boolean(true), "timeout": str(hour),
			})
			got := end.expect(t, result.diagnostics)
			expectNone(t, got, "untaint", "terraform apply", "on_timeout")
			if strings.Contains(end.summary, "in time") {
				expectAll(t, got, cancelAction)
			}
			tg.expectCount(t, sandbox.OpCancel, 0)
		})
	}
}

func (e waitEnd) expect(t *testing.T, diags []*tfprotov6.Diagnostic) string {
	t.Helper()
	got := details(diags)
	if summaries(diags) != e.summary {
		t.Fatalf("the diagnostics are, instead of %q:\n%s", e.summary, got)
	}
	expectAll(t, got, e.want...)
	expectNone(t, got, e.not...)
	return got
}

// A timeout of an update keeps the state and taints nothing.
func TestWait_updateTimesOut(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "error", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		p, before, state := createdResponse(t, tg)

		resp := p.apply(t.Context(), state, waiting())
		if summaries(resp.Diagnostics) != "ERROR: Import did not end in time" || !bytes.Equal(packed(resp.NewState), packed(before.NewState)) {
			t.Errorf("the state is %v:\n%s", p.state(resp.NewState), details(resp.Diagnostics))
		}
		expectAll(t, details(resp.Diagnostics), "Run terraform apply again to keep waiting.")
		expectNone(t, details(resp.Diagnostics), "untaint")
	})
	inFakeTime(t, "warning", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		p, state := created(t, tg)
		config := waiting()
		config["on_timeout"] = str("warn")

		resp := p.apply(t.Context(), state, config)
		if summaries(resp.Diagnostics) != "WARNING: Import did not end in time" || !p.state(resp.NewState)["wait_for_completion"].Equal(boolean(true)) {
			t.Errorf("the state is %v:\n%s", p.state(resp.NewState), details(resp.Diagnostics))
		}
		expectAll(t, details(resp.Diagnostics), "The next apply waits for it again.")
	})
}

// Waiting for a failed import is an error on every apply.
func TestWait_hasFailedBefore(t *testing.T) {
	t.Parallel()

	for _, gone := range []bool{false, true} {
		inFakeTime(t, fmt.Sprintf("gone: %t", gone), func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, state := created(t, tg)
			id := tg.onlyImport(t).ID
			tg.sandbox.UpdateImport(id, func(i *sandbox.Import) { i.Status, i.Log = sandbox.StatusFailed, "the reason" })
			state = p.refreshed(state)
			if gone {
				tg.sandbox.RemoveImport(id)
			}

			config := waiting()
			config["restage_on_failure"] = boolean(false)
			for range 2 {
				resp := p.apply(t.Context(), state, config)
				got := details(resp.Diagnostics)
				if summaries(resp.Diagnostics) != "ERROR: Import has failed" || strings.Contains(got, "| the reason") == gone {
					t.Error(got)
				}
				expectAll(t, got, "#1 of "+appName, "-replace=ADDRESS")
			}
			tg.expectCount(t, sandbox.OpStage, 1)
		})
	}
}

// In an update, Terraform does not replace the import by itself if its outcome is
// unknown, and cannot wait for an import that was removed since the last refresh.
func TestWait_updateEndsOtherwise(t *testing.T) {
	t.Parallel()

	now := time.Now()
	for name, tc := range map[string]struct {
		change  func(target, string)
		summary string
		want    string
	}{
		"unknown outcome": {func(tg target, id string) {
			tg.sandbox.UpdateImport(id, func(i *sandbox.Import) { i.Status, i.BuildEnd = "Rejected", &now })
		}, "ERROR: Import ended with an unknown outcome", "terraform apply -replace=ADDRESS"},
		"removed": {
			func(tg target, id string) { tg.sandbox.RemoveImport(id) },
			"ERROR: Import could not be read", "Run terraform apply again to stage a new import",
		},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, state := created(t, tg)
			tc.change(tg, tg.onlyImport(t).ID)

			resp := p.apply(t.Context(), state, waiting())
			if summaries(resp.Diagnostics) != tc.summary {
				t.Error(summaries(resp.Diagnostics))
			}
			expectAll(t, details(resp.Diagnostics), tc.want)
		})
	}
}

// Ctrl-C loses no import: a staged import is in the state, without an error
// that would taint it.
func TestWait_interruptedCreate(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		at      sandbox.Operation
		fault   sandbox.Fault
		want    string
		imports int
	}{
		"before the POST": {sandbox.OpListImports, sandbox.Fault{}, "ERROR: Staging was interrupted", 0},
		"during the POST": {sandbox.OpStage, sandbox.Fault{}, "WARNING: Stopped waiting for the import", 1},
		"during the POST, no usable response": {
			sandbox.OpStage, sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: sandbox.CloseConnection()},
			adopted + "\nWARNING: Stopped waiting for the import", 1,
		},
		"while waiting": {sandbox.OpGetImport, sandbox.Fault{}, "WARNING: Stopped waiting for the import", 1},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			ctx := interruptOn(t, tg, tc.at, 1)
			if tc.fault.Operation != "" {
				tg.sandbox.Inject(tc.fault)
			}

			p := configuredProtocol(t, tg)
			resp := p.apply(ctx, nil, waiting())
			expectSummaries(t, resp.Diagnostics, tc.want)

			state := p.state(resp.NewState)
			if n := len(tg.sandbox.Imports()); n != tc.imports || (state != nil) != (n == 1) {
				t.Fatalf("the server has %d imports, the state is %v", n, state)
			}
			if state != nil && (state.text("id") != tg.onlyImport(t).ID || resp.NewIdentity == nil) {
				t.Errorf("the state is %v, the identity %v", state, resp.NewIdentity)
			}
		})
	}
}

// An interrupted update is an error while it reads the import (which taints
// nothing) and a warning while it waits. The next plan waits again.
func TestWait_interruptedUpdate(t *testing.T) {
	t.Parallel()

	for read, want := range map[int]string{1: "ERROR: Import could not be read", 2: "WARNING: Stopped waiting for the import"} {
		inFakeTime(t, want, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, state := created(t, tg)
			ctx := interruptOn(t, tg, sandbox.OpGetImport, read)
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Skip: read - 1, Action: sandbox.Delay(time.Second)})

			resp := p.apply(ctx, state, waiting())
			expectSummaries(t, resp.Diagnostics, want)
			expectAll(t, details(resp.Diagnostics), "Terraform was interrupted.")
			expectNone(t, details(resp.Diagnostics), "To stage the import", "can reach the server")

			next := p.state(p.plan(p.state(resp.NewState), waiting()).PlannedState)
			if next["status"].IsKnown() || next.text("id") != state.text("id") {
				t.Errorf("the next plan has status %s and id %s", next["status"], next["id"])
			}
		})
	}
}
