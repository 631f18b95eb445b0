package provider_test

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Terraform validates a configuration before it configures the provider. A token
// in the wrong argument is still hidden, in every kind of response.
func TestServer_hidesSecrets(t *testing.T) {
	t.Parallel()

	const misplaced = "pa_misplaced"
	p := newProtocol(t)
	id := values{"application_id": str(misplaced)}
	moved := must(p, func(ctx context.Context) (*tfprotov6.MoveResourceStateResponse, error) {
		return p.server.MoveResourceState(ctx, &tfprotov6.MoveResourceStateRequest{
			SourceTypeName: misplaced, SourceState: &tfprotov6.RawState{JSON: []byte("{}")}, TargetTypeName: resourceType,
		})
	})
	_, listed := configuredProtocol(t, newSandboxTarget(t, sandbox.Options{})).list(query{config: id})

	for name, diags := range map[string][]*tfprotov6.Diagnostic{
		"resource": p.validate("resource", id),
		"list":     p.validate("list", id), "listed": listed, "moved": moved.Diagnostics, "action": p.validate(stageAction, id),
		"data source": p.validate(importDataType, id), "planned action": p.planAction(stageAction, id, false).Diagnostics,
		"invoked action": p.invoke(t.Context(), stageAction, id).diagnostics,
	} {
		if got := details(diags); strings.Contains(got, misplaced) || got == "" || name == "moved" && !strings.Contains(got, "[REDACTED]") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// If a server echoes the token in values, no diagnostic and no state has it.
func TestServer_tokenInValues(t *testing.T) {
	t.Parallel()

	for name, echo := range map[string]string{"as it is": token, "escaped": `\u0070` + token[1:]} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{TokenName: "made with " + token})
			tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) {
				a.Name, a.FailBuilds, a.FailLog = "Silverlake "+token, true, "first\ncurl -H 'Bearer "+token+"'\nlast"
			})
			tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
				return status, bytes.ReplaceAll(body, []byte(token), []byte(echo))
			})})

			p := configuredProtocol(t, tg)
			state := p.staged(t, appID)
			expectAll(t, state.text("created_by")+state.text("application_name"), "made with [REDACTED]", "Silverlake [REDACTED]")
			resp := p.completions().apply(t.Context(), nil, completion(state.text("id")))
			expectAll(t, details(resp.Diagnostics), "| curl -H 'Bearer [REDACTED]'")
		})
	}
}

// endedState returns the state of a finished import.
func endedState(t *testing.T, tg target, p *protocol) values {
	t.Helper()
	state := p.staged(t, appID)

	if err := tg.sandbox.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p.refreshed(state)
}

// The framework keeps the context of every call, which must not keep anything
// that the call needed.
func TestServer_endedCallsKeepNoMemory(t *testing.T) {
	t.Parallel()

	p := newProtocol(t)
	type key struct{}
	call := func() weak.Pointer[[1 << 20]byte] {
		large := new([1 << 20]byte)
		_, err := p.server.ValidateResourceConfig(context.WithValue(t.Context(), key{}, large), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: resourceType, Config: p.config(p.resourceSchema(), fresh("20h")),
		})
		if err != nil {
			t.Fatal(err)
		}
		return weak.Make(large)
	}

	kept := call()
	runtime.GC()
	if kept.Value() != nil {
		t.Error("the context is still in use")
	}
	runtime.KeepAlive(p)
}
