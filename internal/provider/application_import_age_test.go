package provider_test

import (
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func aged(maxAge string) values {
	return values{"application_id": appID, "max_age": maxAge}
}

// wantReplaced fails the test unless a plan replaces the import because of
// staged_at, or keeps it. It returns the details of the warnings.
func (p *protocol) wantReplaced(state values, replaced bool, warnings string) string {
	p.t.Helper()
	plan := p.plan(state, aged("3s"))
	if got := len(plan.RequiresReplace) > 0; got != replaced {
		p.t.Errorf("the plan replaces the import because of %v", plan.RequiresReplace)
	}
	if got := plain(p.state(plan.PlannedState)["staged_at"]); (got == unknown) != replaced {
		p.t.Errorf("staged_at is planned as %v", got)
	}
	return wantSummaries(p.t, plan.Diagnostics, warnings)
}

// The age counts from the local clock, and replaces only an import that has
// ended.
func TestMaxAge(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "unfinished", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		p, state := created(t, tg)
		if want := time.Now().UTC().Format(time.RFC3339); state.text("staged_at") != want {
			t.Errorf("it was staged at %s, want %s", state.text("staged_at"), want)
		}
		state["max_age"] = "3s"
		<-time.After(time.Hour)
		got := p.wantReplaced(p.cleanRead(state), false, "WARNING: Import #1 of "+appName+" (Pending) is older than max_age")
		wantContains(t, got, "staged 1h0m0s ago", "Nothing is ahead of it in the queue.")
		tg.setStatus(t, "Paused")
		got = p.wantReplaced(p.cleanRead(state), false, "WARNING: Import #1 of "+appName+" (Paused) is older than max_age")
		wantContains(t, got, "until someone continues or cancels it")
		tg.setStatus(t, sandbox.StatusFinished)
		p.wantReplaced(p.cleanRead(state), true, "")
		tg.wantRequests(t, requests{sandbox.OpStage: 1})
	})

	inFakeTime(t, "not read", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		pending := configuredProtocol(t, tg).cleanCreate()
		pending["max_age"] = "3s"
		tg.settle(t)
		<-time.After(4 * time.Second)
		plans := configuredProtocol(t, tg)
		finished := plans.cleanRead(pending)
		plans.wantReplaced(finished, true, "")

		// Terraform plans again during an apply, with another instance of the
		// provider. So does a run with -refresh=false.
		tg.sandbox.ResetRequests()
		applies := configuredProtocol(t, tg)
		const warning = "WARNING: Import #1 of " + appName + " is older than max_age and was not read"
		applies.wantReplaced(finished, false, warning)
		wantContains(t, applies.wantReplaced(pending, false, warning), "-refresh=false or -minimal-refresh")
		applies.wantReplaced(applies.cleanRead(finished), true, "")
		tg.wantOnlyRequests(t, "a plan of a finished import", requests{})
	})
}

// An import that Terraform did not stage is as old as its start. Without a
// usable one, its age counts from now.
func TestMaxAge_imported(t *testing.T) {
	t.Parallel()

	start := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		imp     sandbox.Import
		dialect sandbox.Dialect
		now     bool
	}{
		"zoned":       {sandbox.Import{Status: sandbox.StatusFinished, BuildStart: &start}, sandbox.Dialect{}, false},
		"running":     {sandbox.Import{Status: sandbox.StatusRunning, BuildStart: &start}, sandbox.Dialect{}, false},
		"zone-less":   {sandbox.Import{Status: sandbox.StatusFinished, BuildStart: &start}, sandbox.Dialect{TimesWithoutZone: true}, true},
		"not started": {sandbox.Import{Status: "Paused"}, sandbox.Dialect{}, true},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{Dialect: tc.dialect}).held()
			tc.imp.ApplicationID = appID
			state, diags := configuredProtocol(t, tg).importAndRead(tg.sandbox.AddImport(tc.imp).ID)
			wantClean(t, diags)
			want := start
			if tc.now {
				want = time.Now()
			}
			if got := state.text("staged_at"); got != want.UTC().Format(time.RFC3339) {
				t.Errorf("it was staged at %s, want %s", got, want)
			}
		})
	}
}
