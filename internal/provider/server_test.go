package provider_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// If Terraform stops the provider during the POST, the response waits until the
// action has sent its last diagnostic, because plugin-go drops everything after
// it.
func TestServer_stopWaitsForStreams(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: sandbox.Delay(300 * time.Millisecond)})

	p := configuredProtocol(t, tg)
	stream := p.events(t.Context(), stageAction, values{"application_id": str(appID), "wait_for_completion": boolean(true)})
	result := make(chan invocation, 1)

	go func() {
		var received invocation

		for event := range stream.Events {
			received.take(event)

			if received.completed > 0 {
				result <- received
			}
		}
	}()

	if err := tg.sandbox.AwaitCount(t.Context(), sandbox.OpStage, 1); err != nil {
		t.Fatal(err)
	}

	if _, err := p.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
		t.Fatal(err)
	}

	select {
	case received := <-result:
		expectAll(t, details(received.diagnostics), fmt.Sprintf("(ID %s) had the status Pending", tg.onlyImport(t).ID))
	default:
		t.Error("the provider stopped before the action reported its result")
	}
}

// Stopping does not wait for a stream that is no longer read, or after
// Terraform cancels the call.
func TestServer_stopDoesNotWait(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	p := configuredProtocol(t, tg)
	waiting := values{"application_id": str(appID), "wait_for_completion": boolean(true)}

	for range p.events(t.Context(), stageAction, waiting).Events {
		break
	}

	if _, err := p.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
		t.Fatal(err)
	}

	// Nothing reads this stream.
	listening, hold := make(chan struct{}), make(chan struct{})
	ended := make(chan struct{})
	stream := p.events(t.Context(), stageAction, waiting)

	go func() {
		defer close(ended)

		for range stream.Events {
			close(listening)
			<-hold

			break
		}
	}()

	<-listening

	impatient, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := p.server.StopProvider(impatient, &tfprotov6.StopProviderRequest{}); err != nil {
		t.Fatal(err)
	}

	close(hold)
	<-ended
}
