package provider

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// heartbeat is how often a waiting action sends a message.
const heartbeat = 30 * time.Second

// progress sends a message of an action to Terraform, unless Ctrl-C has ended
// the context: nothing receives it then, and the framework's channel would
// block forever.
type progress func(format string, args ...any)

func newProgress(ctx context.Context, send func(action.InvokeProgressEvent)) progress {
	return func(format string, args ...any) {
		if ctx.Err() == nil {
			send(action.InvokeProgressEvent{Message: breakMarkup(fmt.Sprintf(format, args...))})
		}
	}
}

// withWarnings adds the summaries of the warnings to a message: Terraform 1.16.0
// does not show the warnings of an action that a trigger has invoked
// (seen; TestStageAction_repeatsWarnings fails without it).
func withWarnings(message string, diags diag.Diagnostics) string {
	for _, warning := range diags.Warnings() {
		message += ". Warning: " + warning.Summary()
	}
	return message
}

// watch sends a message on each change of an import's status, and every
// heartbeat. Call observe with every response. reason returns the reason for
// the wait, or "". Call stop at the end.
func (say progress) watch(
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
			say("%s", message)
		}
	})

	observe = func(now permissionassist.ApplicationImport) {
		mu.Lock()
		defer mu.Unlock()

		if now.Status != imp.Status {
			say("%s: %s", explain.ImportName(now), explain.StatusText(now))
		}

		imp, read = now, time.Now()
	}
	return observe, sync.OnceFunc(func() {
		cancel()
		beats.Wait()
	})
}

// beat returns the message of a heartbeat, without a period. unread is how long
// ago the import was last read.
func beat(imp permissionassist.ApplicationImport, waited, unread time.Duration) string {
	name, status := explain.ImportName(imp), explain.StatusText(imp)
	waited = waited.Round(time.Second)
	if unread < heartbeat {
		return fmt.Sprintf("%s: still %s after %s", name, status, waited)
	}
	return fmt.Sprintf("%s: %s so far; it was %s when last read, %s ago", name, waited, status, unread.Round(time.Second))
}
