package provider_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

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

// The age counts from the local clock, and replaces only an import that has ended.
func TestMaxAge(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "unfinished", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		p, state := created(t, tg)
		if want := time.Now().UTC().Format(time.RFC3339); state.text("staged_at") != want {
			t.Errorf("it was staged at %s, want %s", state.text("staged_at"), want)
		}
		state["max_age"] = str("3s")
		<-time.After(time.Hour)
		p.expectReplaced(p.refreshed(state), false, "WARNING: Import #1 of "+appName+" (Pending) is older than max_age")
		expectAll(t, details(p.plan(state, fresh("3s")).Diagnostics), "staged 1h0m0s ago", "Nothing is ahead of it in the queue.")
		tg.setStatus(t, "Paused")
		expectAll(t, details(p.plan(p.refreshed(state), fresh("3s")).Diagnostics), "(Paused) is older", "until someone continues or cancels it")
		tg.setStatus(t, sandbox.StatusFinished)
		p.expectReplaced(p.refreshed(state), true, "")
		tg.expectCount(t, sandbox.OpStage, 1)
	})

	inFakeTime(t, "not read", func(t *testing.T) {
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

		// Terraform plans again during an apply, with another instance of the
		// provider. So does a run with -refresh=false.
		tg.sandbox.ResetRequests()
		applies := configuredProtocol(t, tg)
		const warning = "WARNING: Import #1 of " + appName + " is older than max_age and was not read"
		applies.expectReplaced(finished, false, warning)
		applies.expectReplaced(pending, false, warning)
		expectAll(t, details(applies.plan(pending, fresh("3s")).Diagnostics), "-refresh=false or -minimal-refresh")
		applies.expectReplaced(applies.refreshed(finished), true, "")
		tg.expectRequests(t, "a plan of a finished import", requests{})
	})
}

// An import that Terraform did not stage is as old as its start.
func TestMaxAge_imported(t *testing.T) {
	t.Parallel()

	start := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		imp     sandbox.Import
		dialect sandbox.Dialect
		now     bool // want the time of the import into the state
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

			state, diags := configuredProtocol(t, tg).imported(id)
			expectClean(t, diags)
			want := start
			if test.now {
				want = time.Now()
			}
			if got := state.text("staged_at"); got != want.UTC().Format(time.RFC3339) {
				t.Errorf("it was staged at %s, want %s", got, want)
			}
		})
	}
}

func TestAccMaxAge(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	lifecycle(t,
		resource.TestStep{Config: tg.imported(`max_age = "72h"`), ConfigStateChecks: []statecheck.StateCheck{tg.imports(1)}},
		resource.TestStep{
			// staged_at has no fractions of a second, so it is always older than this.
			Config:            tg.imported(`max_age = "1ns"`),
			ConfigPlanChecks:  planned(plancheck.ResourceActionReplace),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(2), value("staged_at", knownvalue.NotNull())},
			// By the next plan, the new import is too old as well.
			ExpectNonEmptyPlan: true,
		},
		resource.TestStep{
			Config:            tg.imported(`max_age = "72h"`),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(2)},
		},
	)
}
