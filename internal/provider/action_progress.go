package provider

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

const (
	// heartbeat is how often a waiting action sends a message.
	heartbeat = 30 * time.Second
	// progressPatience is how long an action waits, at its end, for Terraform
	// to receive its messages.
	progressPatience = 5 * time.Second
	// progressBacklog is the size of the queue of messages.
	progressBacklog = 64
)

// progress sends an action's messages to Terraform. Sending blocks until
// Terraform receives the message: forever, if Terraform has stopped listening.
// So a separate goroutine sends, and it stops sending once the action's context
// has ended: after Ctrl-C, Terraform no longer listens.
type progress struct {
	interrupted <-chan struct{}
	messages    chan string
	sent        chan struct{}
}

// newProgress starts the goroutine. Ctrl-C must end the context.
func newProgress(ctx context.Context, send func(action.InvokeProgressEvent)) *progress {
	p := &progress{
		interrupted: ctx.Done(),
		messages:    make(chan string, progressBacklog),
		sent:        make(chan struct{}),
	}

	go func() {
		defer close(p.sent)

		for message := range p.messages {
			if ctx.Err() == nil {
				send(action.InvokeProgressEvent{Message: message})
			}
		}
	}()
	return p
}

// say queues a message, which must be printable. It never blocks: if the queue
// is full, it drops the message.
func (p *progress) say(format string, args ...any) {
	select {
	case p.messages <- breakMarkup(fmt.Sprintf(format, args...)):
	default:
	}
}

// close waits until Terraform has received all messages, but not after Ctrl-C
// and no longer than progressPatience. Do not call say after close.
func (p *progress) close() {
	close(p.messages)

	patience := time.NewTimer(progressPatience)
	defer patience.Stop()

	select {
	case <-p.sent:
	case <-p.interrupted:
	case <-patience.C:
	}
}

// watch sends a message on each change of an import's status, and every
// heartbeat. Call observe with every response. reason returns the reason for the
// wait, or "". Call stop at the end.
func (p *progress) watch(
	ctx context.Context, imp permissionassist.ApplicationImport, reason func(context.Context, permissionassist.ApplicationImport) string,
) (observe func(permissionassist.ApplicationImport), stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var (
		mu    sync.Mutex
		begun = time.Now()
		read  = begun
		beats sync.WaitGroup
	)

	beats.Go(func() {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()

		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}

			mu.Lock()
			last, unread := imp, time.Since(read)
			mu.Unlock()

			message := beat(last, time.Since(begun), unread)
			if why := reason(ctx, last); why != "" {
				message += ". " + why
			}
			p.say("%s", message)
		}
	})

	observe = func(now permissionassist.ApplicationImport) {
		mu.Lock()
		defer mu.Unlock()

		if now.Status != imp.Status {
			p.say("%s: %s", explain.ImportName(now), explain.StatusText(now))
		}

		imp, read = now, time.Now()
	}
	return observe, sync.OnceFunc(func() {
		cancel()
		beats.Wait()
	})
}

// beat returns the message of a heartbeat, without a period. unread is how long ago
// the import was last read.
func beat(imp permissionassist.ApplicationImport, waited, unread time.Duration) string {
	name, status := explain.ImportName(imp), explain.StatusText(imp)
	if unread < heartbeat {
		return fmt.Sprintf("%s: still %s after %s", name, status, roundSeconds(waited))
	}
	return fmt.Sprintf("%s: %s so far; it was %s when last read, %s ago", name, roundSeconds(waited), status, roundSeconds(unread))
}

func roundSeconds(d time.Duration) time.Duration { return d.Round(time.Second) }
