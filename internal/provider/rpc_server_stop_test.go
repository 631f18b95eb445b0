package provider_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// If Terraform stops the provider during the POST, the response waits until the
// action has sent its last diagnostic, because plugin-go drops everything after
// it.
func TestGracefulStop_waitsForStreams(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "during the POST", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		tg.sandbox.HoldBuilds()
		tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: sandbox.Delay(time.Second)})

		p := configuredProtocol(t, tg)
		stream := p.events(t.Context(), stageAction, waitingAction())
		var received invocation
		go func() {
			for event := range stream.Events {
				received.take(event)
			}
		}()
		synctest.Wait()
		tg.expectCount(t, sandbox.OpStage, 1)

		p.expectStop(t.Context(), time.Second)
		expectAll(t, details(received.diagnostics), fmt.Sprintf("(ID %s) had the status Pending", tg.onlyImport(t).ID))
	})
}

// Stopping does not wait for a stream that has ended early. It waits two minutes
// for one that nothing reads, or until Terraform cancels the call.
func TestGracefulStop_patience(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "nothing reads", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		tg.sandbox.HoldBuilds()
		p := configuredProtocol(t, tg)
		for range p.events(t.Context(), stageAction, waitingAction()).Events {
			break
		}
		p.expectStop(t.Context(), 0)

		hold := make(chan struct{})
		stream := p.events(t.Context(), stageAction, waitingAction())
		go func() {
			for range stream.Events {
				<-hold

				break
			}
		}()
		synctest.Wait()

		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		p.expectStop(impatient, 0)
		p.expectStop(t.Context(), 2*time.Minute)
		close(hold)
	})
}

// expectStop stops the provider and expects how long that takes.
func (p *protocol) expectStop(ctx context.Context, want time.Duration) {
	p.t.Helper()
	start := time.Now()
	if _, err := p.server.StopProvider(ctx, &tfprotov6.StopProviderRequest{}); err != nil {
		p.t.Fatal(err)
	}
	if took := time.Since(start); took != want {
		p.t.Errorf("the stop took %s, want %s", took, want)
	}
}
