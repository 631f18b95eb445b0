package provider_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Terraform validates a configuration before it configures the provider. A
// token in the wrong argument is still hidden, in every kind of response.
func TestServer_hidesSecrets(t *testing.T) {
	t.Parallel()

	const misplaced = "pa_misplaced"
	p := newProtocol(t, nil)
	id := values{"application_id": misplaced}
	moved := send(t.Context(), p, p.server.MoveResourceState, &tfprotov6.MoveResourceStateRequest{
		SourceTypeName: misplaced, SourceState: &tfprotov6.RawState{JSON: []byte("{}")}, TargetTypeName: resourceType,
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
			state := p.cleanCreate()
			wantContains(t, state.text("created_by")+state.text("application_name"), "made with [REDACTED]", "Silverlake [REDACTED]")
			resp := p.completions().apply(t.Context(), nil, completion(state.text("id")))
			wantContains(t, details(resp.Diagnostics), "| curl -H 'Bearer [REDACTED]'")
		})
	}
}

// The framework keeps the context of every call, which must not keep anything
// that the call needed.
func TestServer_endedCallsKeepNoMemory(t *testing.T) {
	t.Parallel()

	p := newProtocol(t, nil)
	type key struct{}
	call := func() weak.Pointer[[1 << 20]byte] {
		large := new([1 << 20]byte)
		_, err := p.server.ValidateResourceConfig(context.WithValue(t.Context(), key{}, large), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: resourceType, Config: p.pack(p.resourceSchema(), aged("20h")),
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

// If Terraform stops the provider during the POST, the response waits until the
// action has sent its last diagnostic, because plugin-go drops everything after
// it.
func TestServer_stopWaitsForStreams(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "during the POST", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{}).held()
		tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: sandbox.Delay(time.Second)})

		p := configuredProtocol(t, tg)
		stream := p.stream(t.Context(), stageAction, staging(true))
		var received invocation
		go func() {
			for event := range stream.Events {
				received.take(event)
			}
		}()
		synctest.Wait()
		tg.wantRequests(t, requests{sandbox.OpStage: 1})

		p.wantStop(t.Context(), time.Second)
		wantContains(t, details(received.diagnostics), fmt.Sprintf("(ID %s) had the status Pending", tg.onlyImport(t).ID))
	})
}

// Stopping does not wait for a stream that has ended early. It waits two
// minutes for one that nothing reads, or until Terraform cancels the call.
func TestServer_stopPatience(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "nothing reads", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{}).held()
		p := configuredProtocol(t, tg)
		for range p.stream(t.Context(), stageAction, staging(true)).Events {
			break
		}
		p.wantStop(t.Context(), 0)

		hold := make(chan struct{})
		stream := p.stream(t.Context(), stageAction, staging(true))
		go func() {
			for range stream.Events {
				<-hold
				break
			}
		}()
		synctest.Wait()
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		p.wantStop(impatient, 0)
		p.wantStop(t.Context(), 2*time.Minute)
		close(hold)
	})
}

// wantStop stops the provider and wants that to take this long.
func (p *protocol) wantStop(ctx context.Context, want time.Duration) {
	p.t.Helper()
	start := time.Now()
	if _, err := p.server.StopProvider(ctx, &tfprotov6.StopProviderRequest{}); err != nil {
		p.t.Fatal(err)
	}
	if took := time.Since(start); took != want {
		p.t.Errorf("the stop took %s, want %s", took, want)
	}
}
