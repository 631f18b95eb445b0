package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

const (
	// heartbeat is how often an action that waits says so.
	heartbeat = 30 * time.Second
	// progressPatience is how long, in the end, messages that Terraform has not
	// taken yet are waited for.
	progressPatience = 5 * time.Second
	// progressBacklog is how many messages may wait for Terraform.
	progressBacklog = 64
)

// progress passes an action's messages on to Terraform. Sending one blocks
// until Terraform takes it, which is for good once it has stopped listening,
// and nothing ends it. So a goroutine of its own sends, and nothing is sent any
// more once the action's context has ended: after Ctrl-C nobody listens.
type progress struct {
	interrupted <-chan struct{}
	messages    chan string
	sent        chan struct{}
}

// newProgress starts to send. The context is the one that ends with Ctrl-C.
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

// say sends a message, which has to be printable. It never blocks: if Terraform
// is far behind, the message is dropped.
func (p *progress) say(format string, args ...any) {
	select {
	case p.messages <- fmt.Sprintf(format, args...):
	default:
	}
}

// close waits until Terraform has all messages, but neither after Ctrl-C nor
// for long. Nothing can be said afterwards.
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

// watch says how an import that is waited for stands: each change of its
// status, when observe is called with an answer, and at intervals the time
// waited. It sends no requests. stop ends it.
func (p *progress) watch(imp permissionassist.Import) (observe func(permissionassist.Import), stop func()) {
	var (
		mu    sync.Mutex
		begun = time.Now()
		read  = begun
		ended = make(chan struct{})
		beats sync.WaitGroup
	)

	beats.Go(func() {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()

		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
			}

			mu.Lock()
			name, status, unread := importName(imp), statusText(imp), time.Since(read)
			mu.Unlock()

			if unread < heartbeat {
				p.say("%s: still %s after %s", name, status, roundSeconds(time.Since(begun)))
			} else {
				p.say("%s: waiting for %s; it was %s when it was last read, %s ago", name, roundSeconds(time.Since(begun)), status, roundSeconds(unread))
			}
		}
	})

	observe = func(now permissionassist.Import) {
		mu.Lock()
		defer mu.Unlock()

		if now.Status != imp.Status {
			p.say("%s: %s", importName(now), statusText(now))
		}

		imp, read = now, time.Now()
	}

	return observe, sync.OnceFunc(func() {
		close(ended)
		beats.Wait()
	})
}

// importName is the import's name at the beginning of a message.
func importName(imp permissionassist.Import) string {
	return "Import" + strings.TrimPrefix(imp.String(), "import")
}

func roundSeconds(d time.Duration) time.Duration { return d.Round(time.Second) }
