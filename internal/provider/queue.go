package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

const (
	// queueInterval is the minimum time between two reads of the list of imports.
	queueInterval = time.Minute
	// queuePatience is how long that may take. After Ctrl-C, Terraform waits for it.
	queuePatience = 2 * time.Second
	// queueNames is how many of the imports ahead are named.
	queueNames = 5
)

// queue has the imports that have not ended. Concurrent waits share one walk over
// the list.
type queue struct {
	mu         sync.Mutex
	next       time.Time // of the next read, at the earliest
	unfinished []permissionassist.ApplicationImport
	err        error
}

// explainQueue returns what an import is waiting for, as sentences: Permission
// Assist runs imports and review builds one at a time. It is empty if the import
// is not waiting or the list cannot be read, which is never a reason to fail. The
// end of the context is often the reason for the explanation, and does not stop it.
func (c *connection) explainQueue(ctx context.Context, imp permissionassist.ApplicationImport) string {
	waits := imp.Status == permissionassist.StatusPending || imp.Status == permissionassist.StatusCanceling
	if !waits || imp.Number == 0 {
		return ""
	}

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queuePatience)
	defer cancel()
	unfinished, err := c.queue.read(ctx, c.Client)
	if err != nil {
		return ""
	}
	return queueAhead(unfinished, imp)
}

// read returns the imports that have not ended, by number, the highest first.
func (q *queue) read(ctx context.Context, client *permissionassist.Client) ([]permissionassist.ApplicationImport, error) {
	q.mu.Lock()
	defer q.mu.Unlock()

	if now := time.Now(); !now.Before(q.next) {
		q.unfinished, q.err = client.RecentApplicationImports(ctx, "")
		q.unfinished = slices.DeleteFunc(q.unfinished, permissionassist.ApplicationImport.Ended)
		q.next = now.Add(queueInterval)
	}
	return q.unfinished, q.err
}

// queueAhead describes the imports with a lower number, which run first, and the
// one that is running.
func queueAhead(unfinished []permissionassist.ApplicationImport, imp permissionassist.ApplicationImport) string {
	var (
		ahead   []string
		running string
	)
	for _, other := range slices.Backward(unfinished) {
		runs := other.Status == permissionassist.StatusRunning
		switch {
		case permissionassist.SameGUID(other.ID, imp.ID) && runs:
			return "" // it has started since it was read
		case permissionassist.SameGUID(other.ID, imp.ID):
			continue
		case runs:
			running = queueName(other)
		}
		if other.Number != 0 && other.Number < imp.Number {
			ahead = append(ahead, queueName(other))
		}
	}

	text := "No unfinished import is ahead of it."
	if count := len(ahead); count > 0 {
		text = fmt.Sprintf("%d unfinished imports are ahead of it: %s", count, strings.Join(ahead[:min(count, queueNames)], ", "))
		if count == 1 {
			text = "1 unfinished import is ahead of it: " + ahead[0]
		}
		if more := count - queueNames; more > 0 {
			text += fmt.Sprintf(", and %d more", more)
		}
		text += "."
	}

	switch {
	case running == "":
		text += " No import is running. A review build may be using the queue, or the Permission Assist service that runs imports may be stopped."
	case !slices.Contains(ahead[:min(len(ahead), queueNames)], running):
		text += " Running now: " + running + "."
	}
	return text
}

// queueName names an import ahead in the queue: "#41 of Verafin (Running since
// 2026-02-20T08:15:00Z)".
func queueName(imp permissionassist.ApplicationImport) string {
	status := statusText(imp)
	if imp.Status == permissionassist.StatusRunning && imp.BuildStart != "" {
		status += " since " + imp.BuildStart
	}
	return fmt.Sprintf("%s (%s)", strings.TrimPrefix(imp.String(), "import "), status)
}
