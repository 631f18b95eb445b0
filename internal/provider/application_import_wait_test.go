package provider_test

import (
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
	return func(_ *testing.T, tg target) {
		f.Skip += tg.firstReads
		tg.sandbox.Inject(f)
	}
}

// waitEnd is one way a wait can end.
type waitEnd struct {
	arrange func(*testing.T, target)
	summary string
	// want and not are fragments of the detail.
	want, not string
}

func waitEnds() map[string]waitEnd {
	end := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	long := strings.Repeat("x", 600)
	return map[string]waitEnd{
		"finished": {becomes(func(i *sandbox.Import) { i.Status = sandbox.StatusFinished }), "", "", ""},
		"failed": {
			becomes(func(i *sandbox.Import) {
				i.Status, i.Log = sandbox.StatusFailed, "line 0\n"+strings.Repeat("\n  indented \n", 18)+"::add-mask::x\n"+long+"\n"
			}),
			"ERROR: Import has failed",
			"#1 of " + appName + " … indented | indented … | : :add-mask … | " + long[:499] + "…  … to stage a new import",
			"line 0 … | |",
		},
		"canceled": {
			becomes(func(i *sandbox.Import) { i.Status = sandbox.StatusCanceled }), "ERROR: Import was canceled",
			"a program canceled it … no log", "",
		},
		"unknown outcome": {
			becomes(func(i *sandbox.Import) { i.Status, i.BuildEnd = "Rejected", &end }), "ERROR: Import ended with an unknown outcome",
			"Rejected … does not document", "continues",
		},
		"removed": {
			func(t *testing.T, tg target) {
				t.Helper()
				tg.onRead(1, func() { tg.sandbox.RemoveImport(tg.onlyImport(t).ID) })
			},
			"ERROR: Import no longer exists", "Pending … stage a new", "Check the ID … keep waiting",
		},
		"other application": {
			fails(sandbox.Fault{Times: -1, Action: otherApplicationID()}), "ERROR: Import belongs to another application",
			otherAppID + " … does not cancel it", "keep waiting",
		},
		"token refused": {
			fails(sandbox.Fault{Action: sandbox.Envelope(401, "unauthorized", "Invalid token")}), "ERROR: Stopped waiting for the import",
			"| Invalid token … The token was refused … Pending", "",
		},
		"too long": {
			func(*testing.T, target) {}, "ERROR: Import did not end in time",
			"within 1h0m0s … Pending … continues in Permission Assist … one at a time", "It may have ended",
		},
		"paused": {
			becomes(func(i *sandbox.Import) { i.Status = "Awaiting Review" }), "ERROR: Import did not end in time",
			"Awaiting Review … until someone continues or cancels it … did not cancel it", "one at a time … continues in",
		},
		"unreadable": {
			fails(sandbox.Fault{Times: -1, Action: sandbox.Respond(502, "text/html", "")}), "ERROR: Import did not end in time",
			"It may have ended … HTTP status 502 … " + envEndpoint, "ahead of it",
		},
	}
}

// For each end of a wait, a completion and an action have the same diagnostic
// and different advice. A completion saves nothing unless the import has
// finished.
func TestWait(t *testing.T) {
	t.Parallel()

	for name, end := range waitEnds() {
		inFakeTime(t, "completion/"+name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, state := created(t, tg)
			tg.firstReads = 1 // a completion reads the import before it waits
			end.arrange(t, tg)

			resp := p.completions().apply(t.Context(), nil, completion(state.text("id")))
			got := end.wantIn(t, resp.Diagnostics)
			if saved := p.completions().state(resp.NewState); (saved != nil) != (end.summary == "") {
				t.Errorf("saved is %v", saved)
			}
			wantNotContains(t, got, "invoke the action again", "untaint")
			if strings.Contains(end.summary, "in time") {
				wantContains(t, got, "The next apply waits for this import again.")
			}
			tg.wantRequests(t, requests{sandbox.OpStage: 1, sandbox.OpCancel: 0})
		})
		inFakeTime(t, "action/"+name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{}).held()
			end.arrange(t, tg)

			result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, staging(true))
			got := end.wantIn(t, result.diagnostics)
			wantNotContains(t, got, "terraform apply")
			if strings.Contains(end.summary, "in time") {
				wantContains(t, got, cancelAction)
			}
			tg.wantRequests(t, requests{sandbox.OpStage: 1, sandbox.OpCancel: 0})
		})
	}
}

func (e waitEnd) wantIn(t *testing.T, diags []*tfprotov6.Diagnostic) string {
	t.Helper()
	got := wantSummaries(t, diags, e.summary)
	wantContains(t, got, e.want)
	wantNotContains(t, got, e.not)
	return got
}
