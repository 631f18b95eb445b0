package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func fresh(maxAge string) values {
	return values{"application_id": str(appID), "max_age": str(maxAge)}
}

// expectReplaced fails the test unless a plan replaces the import because of
// staged_at, or keeps it.
func (p *protocol) expectReplaced(state values, replaced bool, warnings string) {
	p.t.Helper()
	plan := p.plan(state, fresh("3s"))
	expectSummaries(p.t, plan.Diagnostics, warnings)
	if got := len(plan.RequiresReplace) > 0; got != replaced {
		p.t.Errorf("the plan replaces the import because of %v", plan.RequiresReplace)
	}
	if got := !p.state(plan.PlannedState)["staged_at"].IsKnown(); got != replaced {
		p.t.Errorf("staged_at is planned as %s", p.state(plan.PlannedState)["staged_at"])
	}
}

// The age is measured with the local clock, and only once the import has ended.
func TestMaxAge(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "local clock", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		p := configuredProtocol(t, tg)
		config := fresh("3s")
		config["wait_for_completion"] = boolean(true)
		created := p.apply(t.Context(), nil, config)
		expectClean(t, created.Diagnostics)
		state := p.state(created.NewState)
		state["wait_for_completion"] = boolean(false)
		if want := time.Now(); !strings.HasPrefix(state.text("staged_at"), want.UTC().Format("2006-01-02T15:04")) {
			t.Errorf("it was staged at %s, want about %s", state.text("staged_at"), want)
		}
		p.expectReplaced(state, false, "")
		<-time.After(4 * time.Second)
		p.expectReplaced(state, true, "")
		tg.expectCount(t, sandbox.OpStage, 1)
	})

	inFakeTime(t, "unfinished", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		p, state := created(t, tg)
		state["max_age"] = str("3s")
		<-time.After(time.Hour)
		p.expectReplaced(p.refreshed(state), false, "")
		tg.setStatus(t, sandbox.StatusFinished)
		p.expectReplaced(p.refreshed(state), true, "")
	})

	inFakeTime(t, "apply plans again", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		pending := configuredProtocol(t, tg).staged(t, appID)
		pending["max_age"] = str("3s")
		if err := tg.sandbox.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-time.After(4 * time.Second)
		plans := configuredProtocol(t, tg)
		finished := plans.refreshed(pending)
		plans.expectReplaced(finished, true, "")

		tg.sandbox.ResetRequests()
		applies := configuredProtocol(t, tg)
		applies.expectReplaced(finished, false, "WARNING: Import is older than max_age")
		applies.expectReplaced(applies.refreshed(finished), true, "")
		tg.expectRequests(t, "a plan of a finished import", requests{})
	})
}

// An import that Terraform did not stage is as old as its start.
func TestMaxAge_adopted(t *testing.T) {
	t.Parallel()

	start := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		imp     sandbox.Import
		dialect sandbox.Dialect
		adopted bool // at the time of the import into the state
	}{
		"zoned":       {sandbox.Import{Status: sandbox.StatusFinished, BuildStart: &start}, sandbox.Dialect{}, false},
		"running":     {sandbox.Import{Status: sandbox.StatusRunning, BuildStart: &start}, sandbox.Dialect{}, false},
		"zone-less":   {sandbox.Import{Status: sandbox.StatusFinished, BuildStart: &start}, sandbox.Dialect{TimesWithoutZone: true}, true},
		"not started": {sandbox.Import{Status: "Paused"}, sandbox.Dialect{}, true},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{Dialect: test.dialect})
			tg.sandbox.HoldBuilds()
			test.imp.ApplicationID = appID
			id := tg.sandbox.AddImport(test.imp).ID

			p := configuredProtocol(t, tg)
			state, diags := p.imported(id)
			expectClean(t, diags)
			want := start
			if test.adopted {
				want = time.Now()
			}
			if got := state.text("staged_at"); got != want.UTC().Format(time.RFC3339) {
				t.Errorf("it was staged at %s, want %s", got, want)
			}

			// A state of a release without staged_at is treated in the same way.
			adopted := state.text("staged_at")
			delete(state, "staged_at")
			if got := p.refreshed(state).text("staged_at"); got != adopted {
				t.Errorf("from an earlier release, it was staged at %s, want %s", got, adopted)
			}
		})
	}
}
