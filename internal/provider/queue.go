package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

const (
	// queuePatience is how long reading the list of imports may take. After
	// Ctrl-C, Terraform waits for it.
	queuePatience = 2 * time.Second
	// queueNames is how many of the imports ahead are named.
	queueNames = 5
)

// explainQueue returns what an import is waiting for, as sentences: Permission
// Assist runs imports and review builds one at a time. It is empty if the
// import is not waiting or the list cannot be read, which is never a reason to
// fail. The end of the context is often the reason for the explanation, and
// does not stop it.
func (c *connection) explainQueue(ctx context.Context, imp permissionassist.ApplicationImport) string {
	waits := imp.Status == permissionassist.StatusPending || imp.Status == permissionassist.StatusCanceling
	if !waits || imp.Number == 0 {
		return ""
	}

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queuePatience)
	defer cancel()
	unfinished, err := c.RecentApplicationImports(ctx, "")
	if err != nil {
		return ""
	}
	return queueAhead(slices.DeleteFunc(unfinished, permissionassist.ApplicationImport.Ended), imp)
}

// queueAhead describes the imports with a lower number, which run first, and
// the one that is running.
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

	text := "Nothing is ahead of it in the queue."
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
	status := explain.StatusText(imp)
	if imp.Status == permissionassist.StatusRunning && imp.BuildStart != "" {
		status += " since " + imp.BuildStart
	}
	return fmt.Sprintf("%s (%s)", strings.TrimPrefix(imp.String(), "import "), status)
}
