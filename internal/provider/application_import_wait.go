package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// importWait waits for an import, for a create, an update or an action, and
// reports the result.
type importWait struct {
	conn   *connection
	advice advice
	// timeout is the timeout of the whole operation, for messages: the context
	// has the deadline.
	timeout time.Duration
	// warnOnTimeout makes a timeout a warning.
	warnOnTimeout bool
	// inState is true if the import is in the state: the next apply waits for
	// it again.
	inState bool
	// observe, if not nil, is called with every response.
	observe func(permissionassist.ApplicationImport)
}

// wait returns the import as last read. It adds a diagnostic unless the import
// finished successfully.
func (w importWait) wait(ctx context.Context, imp permissionassist.ApplicationImport, diags *diag.Diagnostics) permissionassist.ApplicationImport {
	imp, err := w.conn.WaitForApplicationImport(ctx, imp, w.observe)
	status := fmt.Sprintf("%s (ID %s) had the status %s when it was last read.", importName(imp), imp.ID, statusText(imp))
	var other *permissionassist.OtherApplicationError

	switch {
	case err == nil && imp.Status == permissionassist.StatusFinished:
	case err == nil:
		addEndedError(diags, imp, w.advice)
	case errors.Is(err, permissionassist.ErrGone):
		addError(diags, "Import no longer exists", err, advice{tokenSource: w.advice.tokenSource}, status+" Its record has since been "+
			"removed. Permission Assist can be configured to remove failed imports.", "To stage a new import, "+w.advice.again+".")
	case errors.As(err, &other):
		addError(diags, "Import belongs to another application", err, w.advice, "If Terraform has just staged this import, the server's "+
			"response named the wrong one. Find the new import in Permission Assist before you stage another.")
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		w.addInterrupted(diags, w.afterwards(imp, status, err), w.explainQueue(ctx, imp, err))
	case ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded):
		w.addTimeout(diags, imp, w.explainQueue(ctx, imp, err), err)
	default:
		addError(diags, "Stopped waiting for the import", err, w.advice, status+" "+w.advice.resume)
	}
	return imp
}

// addInterrupted reports a wait that Ctrl-C ended. For a resource it is not an
// error: an error would taint the resource, and the next apply would cancel an
// import that is running normally. Either way, Terraform ends with exit code 1
// and does not start anything that depends on this resource.
func (w importWait) addInterrupted(diags *diag.Diagnostics, known []string, queue string) {
	const summary = "Stopped waiting for the import"
	detail := "Terraform was interrupted. " + joinParagraphs(append(known, queue)...)

	if w.inState {
		diags.AddWarning(summary, joinParagraphs(detail, "The import is in the state. The next apply waits for it again."))
	} else {
		diags.AddError(summary, joinParagraphs(detail, w.advice.resume))
	}
}

func (w importWait) addTimeout(diags *diag.Diagnostics, imp permissionassist.ApplicationImport, queue string, err error) {
	const summary = "Import did not end in time"
	status := fmt.Sprintf("%s (ID %s) did not end within %s; its last known status is %s.", importName(imp), imp.ID, w.timeout, statusText(imp))
	detail := joinParagraphs(append(w.afterwards(imp, status, err), queue)...)

	if w.warnOnTimeout {
		diags.AddWarning(summary, joinParagraphs(detail, "The next apply waits for it again."))
		return
	}

	why := "Imports run one at a time. If long waits are normal here, raise the timeout."
	if w.inState {
		why += " To go on without an error, set on_timeout = \"warn\"."
	}
	switch {
	case lastReadError(err) != nil:
		why = "" // the failed read is the reason
	case !imp.Status.Documented():
		why = "The vendor does not document this status. " + pausesForReview + " Check the import there."
	}
	diags.AddError(summary, joinParagraphs(detail, w.advice.resume, why))
}

// explainQueue returns why the import is still waiting; empty if its last read failed.
func (w importWait) explainQueue(ctx context.Context, imp permissionassist.ApplicationImport, err error) string {
	if lastReadError(err) != nil {
		return ""
	}
	return w.conn.explainQueue(ctx, imp)
}

// afterwards adds to status what is known about an import that is no longer
// waited for: it continues, it is paused or being canceled, or it may have ended
// since the last successful read.
func (w importWait) afterwards(imp permissionassist.ApplicationImport, status string, err error) []string {
	read := lastReadError(err)
	switch {
	case read == nil && (imp.Status == permissionassist.StatusPending || imp.Status == permissionassist.StatusRunning):
		return []string{status + " It continues in Permission Assist."}
	case read == nil:
		return []string{status + " Terraform did not cancel it."}
	}
	return []string{status + " It may have ended since: the last read failed. " + whatHappened(read), nextStep(read, w.advice)}
}

// lastReadError returns why the last read of a wait failed; nil if it did not.
func lastReadError(err error) error {
	var waited *permissionassist.WaitError
	if !errors.As(err, &waited) {
		return nil
	}
	return waited.LastRead
}

// addEndedError reports an unsuccessful import with the end of its log.
func addEndedError(diags *diag.Diagnostics, imp permissionassist.ApplicationImport, a advice) {
	summary := "Import has failed"
	what := fmt.Sprintf("%s (ID %s) has ended with the status %s.", importName(imp), imp.ID, statusText(imp))
	next := "Find the reason in Permission Assist and fix it. Then, to stage a new import, " + a.again + "."

	switch {
	case imp.Status == permissionassist.StatusCanceled:
		summary = "Import was canceled"
		next = "A person or a program canceled it. To stage a new import, " + a.again + "."
	case !imp.Status.Unsuccessful():
		summary = "Import ended with an unknown outcome"
		next = "The vendor does not document this status, so it is not known whether the import was successful. Check it in Permission Assist. " +
			"To stage a new import, " + cmp.Or(a.replace, a.again) + "."
	}

	diags.AddError(summary, joinParagraphs(what, logEnd(imp.Log), next))
}

// logEnd quotes the last lines of a log.
func logEnd(log string) string {
	const (
		lines   = 20
		longest = 500 // characters of a line
	)

	var quoted []string
	for line := range strings.SplitSeq(log, "\n") {
		if line = strings.TrimRight(line, " \t"); line != "" {
			quoted = append(quoted, "| "+permissionassist.Shorten(line, longest))
		}
	}
	if len(quoted) == 0 {
		return "The server returned no log."
	}
	return "The end of its log:\n" + strings.Join(quoted[max(0, len(quoted)-lines):], "\n")
}
