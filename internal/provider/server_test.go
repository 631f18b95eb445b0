package provider_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Terraform asks the provider to stop while the POST is under way: the answer
// is held back until the action's last word is out, because plugin-go lets
// nothing out afterwards.
func TestServer_stopWaitsForStreams(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: sandbox.Delay(300 * time.Millisecond)})

	p := configuredProtocol(t, tg)
	stream := p.events(t.Context(), stageAction, values{"application_id": str(appID), "wait_for_completion": boolean(true)})
	said := make(chan invocation, 1)

	go func() {
		var heard invocation

		for event := range stream.Events {
			heard.take(event)

			if heard.completed > 0 {
				said <- heard
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
	case heard := <-said:
		expectAll(t, details(heard.diagnostics), fmt.Sprintf("(ID %s, last status Pending) goes on", tg.onlyImport(t).ID))
	default:
		t.Error("the provider stopped before the action had said how it ended")
	}
}

// A stream that nobody listens to any more holds nothing up, nor does a
// Terraform that does not want to wait.
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

	// Nobody takes what this one says.
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
