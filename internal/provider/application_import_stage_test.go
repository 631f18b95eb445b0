package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// Package staging tests how staging handles a fault. This test checks the
// diagnostics and the state.
func TestStage_faults(t *testing.T) {
	t.Parallel()

	users := newLocalFile(t, "users.csv", strings.Repeat("alice,teller\n", 20_000))
	for op, config := range map[sandbox.Operation]values{
		sandbox.OpStage:  {"application_id": appID},
		sandbox.OpUpload: {"application_id": fileAppID, "files": stringMap(usersID, users.path)},
	} {
		for _, f := range sandboxtest.StageFaults(30 * time.Second) {
			if !f.AppliesTo(op) {
				continue
			}
			inFakeTime(t, string(op)+"/"+f.Name, func(t *testing.T) {
				tg := newFakeTarget(t, sandbox.Options{Applications: []sandbox.Application{{
					ID: fileAppID, FileGroups: []sandbox.FileGroup{{ID: usersID, Name: "Users"}},
				}}}).held()
				f.Inject(tg.sandbox, op)

				p := configuredProtocol(t, tg)
				resp := p.apply(t.Context(), nil, config)
				tg.wantRequests(t, requests{op: f.Posts, sandbox.OpCancel: 0})
				p.wantOutcome(resp, f.Want)
				if n := len(tg.sandbox.Imports()); n > max(f.Imports, 1) {
					t.Errorf("the server has %d imports", n)
				}
			})
		}
	}
}

const recovered = "WARNING: Import recovered after a lost response"

// stageSummaries are the diagnostics' summaries for each outcome.
var stageSummaries = map[sandboxtest.StageOutcome]string{
	sandboxtest.Staged: "", sandboxtest.Recovered: recovered, sandboxtest.NotStaged: "ERROR: Import was not staged",
	sandboxtest.Uncertain: "ERROR: Import may have been staged", sandboxtest.Ambiguous: "ERROR: Import may have been staged",
}

// wantOutcome wants the diagnostic and the advice for an outcome. The state
// must have the import only if it is certainly the staged one.
func (p *protocol) wantOutcome(resp *tfprotov6.ApplyResourceChangeResponse, want sandboxtest.StageOutcome) {
	p.t.Helper()
	got, state := wantSummaries(p.t, resp.Diagnostics, stageSummaries[want]), p.state(resp.NewState)
	switch want {
	case sandboxtest.Staged, sandboxtest.Recovered:
		if state.text("id") == "" || resp.NewIdentity == nil {
			p.t.Fatalf("the state is %v, the identity %v", state, resp.NewIdentity)
		}
		if want == sandboxtest.Recovered {
			wantContains(p.t, got, state.text("id"), "not retried")
		}
		return
	case sandboxtest.NotStaged:
		wantContains(p.t, got, "Nothing was staged")
		wantNotContains(p.t, got, "terraform import")
	case sandboxtest.Uncertain, sandboxtest.Ambiguous:
		wantContains(p.t, got, "terraform import ADDRESS ")
		wantNotContains(p.t, got, "Nothing was staged")
	}
	if state != nil {
		p.t.Errorf("an import that may be another one is in the state: %v", state)
	}
}
