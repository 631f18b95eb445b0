package provider_test

import (
	"bytes"
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
// that names both servers and keeps the state.
func TestServerRecord_notFoundOnAnother(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "refresh and destroy", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		_, staged, state := createdResponse(t, tg)
		other := newFakeTarget(t, sandbox.Options{}).at("https://other.test")
		p := configuredProtocol(t, other)

		read := p.read(state, staged.Private...)
		destroy := p.destroy(state, staged.Private...)
		for name, resp := range map[string]struct {
			state *tfprotov6.DynamicValue
			diags []*tfprotov6.Diagnostic
		}{"refresh": {read.NewState, read.Diagnostics}, "destroy": {destroy.NewState, destroy.Diagnostics}} {
			if got := summaries(resp.diags); got != "ERROR: Import is not on this server" || !bytes.Equal(packed(resp.state), packed(staged.NewState)) {
				t.Errorf("%s: the state is %v: %s", name, p.state(resp.state), details(resp.diags))
			}
			expectAll(t, details(resp.diags), "https://pa.test", "https://other.test", state.text("id"), "Nothing was changed", envEndpoint)
		}
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
		if len(read.Diagnostics) > 0 || !bytes.Equal(packed(read.NewState), packed(staged.NewState)) {
			t.Fatalf("the state is %v: %s", p.state(read.NewState), details(read.Diagnostics))
		}

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

// An import without a record, from an earlier version of the provider, counts
// as staged on the configured server. So does an import that terraform import
// found there.
func TestServerRecord_missing(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "refresh and destroy", func(t *testing.T) {
		_, _, state := createdResponse(t, newFakeTarget(t, sandbox.Options{}))
		p := configuredProtocol(t, newFakeTarget(t, sandbox.Options{}).at("https://other.test"))

		<-time.After(10 * time.Minute)
		if read := p.read(state); p.state(read.NewState) != nil || summaries(read.Diagnostics) != "WARNING: Import no longer exists" {
			t.Errorf("refresh: %s", details(read.Diagnostics))
		}
		if destroy := p.destroy(state); p.state(destroy.NewState) != nil || len(destroy.Diagnostics) > 0 {
			t.Errorf("destroy: %s", details(destroy.Diagnostics))
		}
	})
}
