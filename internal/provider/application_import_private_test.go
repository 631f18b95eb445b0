package provider_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// at returns the target with another address.
func (tg target) at(endpoint string) target {
	tg.endpoint = endpoint
	return tg
}

// A "not found" from a server that the import was not staged on is an error
// that names both servers and keeps the state. The imports of TestDelete have
// no record, as from an earlier version: they count as staged on this server.
func TestServerRecord_notFoundOnAnother(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "refresh and destroy", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		_, staged, state := createdResponse(t, tg)
		other := newFakeTarget(t, sandbox.Options{}).at("https://other.test")
		p := configuredProtocol(t, other)

		read := p.read(state, staged.Private...)
		destroy := p.destroy(state, staged.Private...)
		for _, diags := range [][]*tfprotov6.Diagnostic{read.Diagnostics, destroy.Diagnostics} {
			got := wantSummaries(t, diags, "ERROR: Import is not on this server")
			wantContains(t, got, "https://pa.test", "https://other.test", state.text("id"), "Nothing was changed", envEndpoint)
		}
		wantSameState(t, staged.NewState, read.NewState)
		wantSameState(t, staged.NewState, destroy.NewState)
	})
}

// An import that is found on a server with another name was staged there: the
// server was renamed. From then on, a "not found" from it counts.
func TestServerRecord_renamed(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "refresh", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		_, staged, state := createdResponse(t, tg)
		renamed := tg.at("https://renamed.test")
		p := configuredProtocol(t, renamed)

		read := p.read(state, staged.Private...)
		wantClean(t, read.Diagnostics)
		wantSameState(t, staged.NewState, read.NewState)

		tg.sandbox.RemoveImport(state.text("id"))
		<-time.After(10 * time.Minute)
		if gone := p.read(state, read.Private...); p.state(gone.NewState) != nil {
			t.Error(details(gone.Diagnostics))
		}
		if before := p.read(state, staged.Private...); p.state(before.NewState) == nil {
			t.Error("the record was ignored")
		}
	})
}
