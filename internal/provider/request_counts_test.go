package provider_test

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/costtest"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// These tests measure costs without a clock: exact numbers of requests, and
// allocations. "make bench" measures times.

// requests are numbers of requests by operation.
type requests = map[sandbox.Operation]int

// expectRequests fails the test unless the sandbox got exactly these requests
// since the last reset, and resets it.
func (tg target) expectRequests(t *testing.T, what string, want requests) {
	t.Helper()

	if got := tg.sandbox.Counts(); !maps.Equal(got, want) {
		t.Errorf("%s took the requests %v, want %v", what, got, want)
	}

	tg.sandbox.ResetRequests()
}

// estateTarget returns a held sandbox with n applications.
func estateTarget(t *testing.T, n int, o sandbox.Options) target {
	t.Helper()

	for i := range n {
		o.Applications = append(o.Applications, sandbox.Application{ID: estateID(i), Name: estateName(i), Priority: "Low"})
	}

	tg := newSandboxTarget(t, o)
	tg.sandbox.HoldBuilds()

	return tg
}

func estateID(i int) string   { return fmt.Sprintf("3f2504e0-4f89-41d3-9a0c-%012x", i) }
func estateName(i int) string { return fmt.Sprintf("Branch %03d", i) }

// staged applies an import of an application and returns its state.
func (p *protocol) staged(t *testing.T, applicationID string) values {
	t.Helper()

	resp := p.apply(t.Context(), nil, values{"application_id": str(applicationID)})
	if text := details(resp.Diagnostics); text != "" {
		t.Fatal(text)
	}

	return p.state(resp.NewState)
}

// refreshed reads a resource and returns its state.
func (p *protocol) refreshed(t *testing.T, state values) values {
	t.Helper()

	resp := p.read(state)
	if text := details(resp.Diagnostics); text != "" {
		t.Fatal(text)
	}

	return p.state(resp.NewState)
}

// Imports of different applications take a baseline and a POST each.
func TestRequestCounts_estate(t *testing.T) {
	t.Parallel()

	const n = 30

	tg := estateTarget(t, n, sandbox.Options{})
	p := configuredProtocol(t, tg)
	states := make([]values, n)

	for i := range states {
		states[i] = p.staged(t, estateID(i))
	}

	tg.expectRequests(t, "staging", requests{sandbox.OpStage: n, sandbox.OpListImports: n})

	for i := range states {
		states[i] = p.refreshed(t, states[i])
		if text := details(p.plan(states[i], values{"application_id": str(estateID(i))}).Diagnostics); text != "" {
			t.Fatal(text)
		}
	}

	tg.expectRequests(t, "planning what has not ended", requests{sandbox.OpGetImport: n})

	// Half of the imports are canceled, half finish.
	for _, state := range states[:n/2] {
		if text := details(p.destroy(t.Context(), state).Diagnostics); text != "" {
			t.Fatal(text)
		}
	}

	tg.expectRequests(t, "destroying what has not ended", requests{sandbox.OpGetImport: n / 2, sandbox.OpCancel: n / 2})

	tg.sandbox.ReleaseBuilds()

	if err := tg.sandbox.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}

	ended := states[n/2:]
	for i := range ended {
		ended[i] = p.refreshed(t, ended[i])
	}

	tg.expectRequests(t, "seeing that they have ended", requests{sandbox.OpGetImport: len(ended)})

	for i, state := range ended {
		state = p.refreshed(t, state)
		if text := details(p.plan(state, values{"application_id": str(estateID(n/2 + i))}).Diagnostics); text != "" {
			t.Fatal(text)
		}

		if text := details(p.destroy(t.Context(), state).Diagnostics); text != "" {
			t.Fatal(text)
		}
	}

	tg.expectRequests(t, "reading, planning and destroying what has ended", requests{})
}

// Imports of one application: the baseline before each POST takes at most four
// requests, even with a long history.
func TestRequestCounts_oneApplication(t *testing.T) {
	t.Parallel()

	const n = 10

	for name, tc := range map[string]struct{ before, lists int }{
		"none before": {0, n},
		// The first import creates a second page.
		"one page before":  {50, 1 + 3*(n-1)},
		"two pages before": {51, 3 * n},
		"six pages before": {300, 3 + 4*(n-1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})

			for range tc.before {
				tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeScheduled, Status: sandbox.StatusPending})
			}

			if err := tg.sandbox.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}

			tg.sandbox.HoldBuilds()

			p := configuredProtocol(t, tg)
			for range n {
				p.staged(t, appID)
			}

			tg.expectRequests(t, "staging", requests{sandbox.OpStage: n, sandbox.OpListImports: tc.lists})
		})
	}
}

// Many concurrent lookups by name read each page once.
func TestRequestCounts_names(t *testing.T) {
	t.Parallel()

	const n, pages = 120, 3

	tg := estateTarget(t, n, sandbox.Options{})
	p := configuredProtocol(t, tg)
	schema := p.schema.DataSourceSchemas["permissionassist_application"]

	var together sync.WaitGroup

	for i := range n {
		config := p.dynamic(schema, p.object(schema, values{"name": str(estateName(i))}))

		together.Go(func() {
			resp, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
				TypeName: "permissionassist_application", Config: config,
			})
			if err != nil || len(resp.Diagnostics) > 0 {
				t.Error(err, details(resp.Diagnostics))
			}
		})
	}

	together.Wait()
	tg.expectRequests(t, "looking up", requests{sandbox.OpListApplications: pages})
}

// Terraform also starts a provider to read its schema, to validate and to plan
// a new import. That takes no requests.
func TestRequestCounts_none(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p := configuredProtocol(t, tg)
	schema := p.resourceSchema()
	config := values{"application_id": str(appID)}

	if _, err := p.server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: resourceType, Config: p.dynamic(schema, p.object(schema, config)),
	}); err != nil {
		t.Fatal(err)
	}

	if text := details(p.plan(nil, config).Diagnostics); text != "" {
		t.Fatal(text)
	}

	tg.expectRequests(t, "starting, validating and planning", requests{})
}

// endedState returns the state of a finished import.
func endedState(t *testing.T, tg target, p *protocol) values {
	t.Helper()

	state := p.staged(t, appID)

	if err := tg.sandbox.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}

	return p.refreshed(t, state)
}

// The calls that Terraform makes a thousand times in a large estate. Not
// parallel: the test counts the allocations of the whole process.
func TestAllocs(t *testing.T) {
	tg := newSandboxTarget(t, sandbox.Options{})
	p := configuredProtocol(t, tg)
	state, schema := endedState(t, tg, p), p.resourceSchema()

	config := p.dynamic(schema, p.object(schema, values{"application_id": str(appID)}))
	current := p.dynamic(schema, p.object(schema, state))

	for name, tc := range map[string]struct {
		most float64
		call func() ([]*tfprotov6.Diagnostic, error)
	}{
		"read": {6000, func() ([]*tfprotov6.Diagnostic, error) {
			resp, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: current})

			return resp.Diagnostics, err
		}},
		"plan": {15000, func() ([]*tfprotov6.Diagnostic, error) {
			resp, err := p.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: resourceType, PriorState: current, ProposedNewState: current, Config: config,
			})

			return resp.Diagnostics, err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			costtest.WantAllocs(t, tc.most, func() {
				if diags, err := tc.call(); err != nil || len(diags) > 0 {
					t.Fatal(err, details(diags))
				}
			})
		})
	}
}

// A stopped provider without a server leaves no goroutine.
func TestStopLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()

	t.Run("used", func(t *testing.T) {
		tg := newSandboxTarget(t, sandbox.Options{})
		p := configuredProtocol(t, tg)
		endedState(t, tg, p)

		if resp, err := p.server.StopProvider(context.Background(), &tfprotov6.StopProviderRequest{}); err != nil || resp.Error != "" {
			t.Error(resp, err)
		}
	})

	costtest.WantGoroutines(t, before)
}
