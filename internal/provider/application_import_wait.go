package provider

import (
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
	client *permissionassist.Client
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
	imp, err := w.client.WaitForApplicationImport(ctx, imp, w.observe)
	status := fmt.Sprintf("The %s (ID %s) had the status %s when it was last read.", imp, imp.ID, statusText(imp))
	var other *permissionassist.OtherApplicationError

	switch {
	case err == nil && imp.Status == permissionassist.StatusFinished:
	case err == nil:
		addEndedError(diags, imp, w.advice)
	case errors.Is(err, permissionassist.ErrGone):
		addError(diags, "Import no longer exists", err, advice{tokenSource: w.advice.tokenSource}, status+" Its record was removed since. "+
			"Permission Assist can be configured to remove failed imports.", "To stage a new import, "+w.advice.again+".")
	case errors.As(err, &other):
		addError(diags, "Import belongs to another application", err, w.advice, "If it was staged by this apply, the server's response to staging was not "+
			"about the new import: look for that in Permission Assist before you apply again.")
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		w.addInterrupted(diags, status, err)
	case ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded):
		w.addTimeout(diags, imp, err)
	default:
		addError(diags, "Stopped waiting for the import", err, w.advice, status+" "+w.advice.resume)
	}

	return imp
}

// addInterrupted reports a wait that Ctrl-C ended. For a resource it is not an
// error: an error would taint the resource, and the next apply would cancel an
// import that is running normally. Either way, Terraform ends with exit code 1
// and does not start anything that depends on this resource.
func (w importWait) addInterrupted(diags *diag.Diagnostics, status string, err error) {
	const summary = "Stopped waiting for the import"
	detail := joinParagraphs("Terraform was interrupted. "+status+" It continues in Permission Assist.", w.lastRead(err))

	if w.inState {
		diags.AddWarning(summary, joinParagraphs(detail, "The import is in the state. The next apply waits for it again."))
	} else {
		diags.AddError(summary, joinParagraphs(detail, w.advice.resume))
	}
}

func (w importWait) addTimeout(diags *diag.Diagnostics, imp permissionassist.ApplicationImport, err error) {
	const summary = "Import did not end in time"
	detail := joinParagraphs(
		fmt.Sprintf("The %s (ID %s) did not end within %s; its last known status is %s. It continues in Permission Assist.",
			imp, imp.ID, w.timeout, statusText(imp)),
		w.lastRead(err))

	if w.warnOnTimeout {
		diags.AddWarning(summary, joinParagraphs(detail, "The next apply waits for it again."))
		return
	}

	why := "Imports run one at a time, so an import can wait a long time behind others. If that is normal here, raise the timeout."
	if w.inState {
		why += " To go on without an error, set on_timeout = \"warn\"."
	}
	if !imp.Status.Documented() {
		why = "The vendor does not document this status. Permission Assist can pause an import whose changes are unusual until a person continues " +
			"or cancels it: check the import there."
	}
	diags.AddError(summary, joinParagraphs(detail, w.advice.resume, why))
}

// lastRead explains a failed read at the end of a wait, if any: the last known
// status may then be outdated.
func (w importWait) lastRead(err error) string {
	var waited *permissionassist.WaitError
	if !errors.As(err, &waited) || waited.LastRead == nil {
		return ""
	}

	return joinParagraphs("It may have ended since: the last read failed. "+whatHappened(waited.LastRead), nextStep(waited.LastRead, w.advice))
}

// addEndedError reports an unsuccessful import with the end of its log.
func addEndedError(diags *diag.Diagnostics, imp permissionassist.ApplicationImport, a advice) {
	summary := "Import has failed"
	what := fmt.Sprintf("The %s (ID %s) has ended with the status %s.", imp, imp.ID, statusText(imp))
	next := "Find the reason in Permission Assist and fix it. Then, to stage a new import, " + a.again + "."

	switch {
	case imp.Status == permissionassist.StatusCanceled:
		summary = "Import was canceled"
		next = "It was canceled in Permission Assist. To stage a new import, " + a.again + "."
	case !imp.Status.Unsuccessful():
		summary = "Import ended with an unknown outcome"
		next = "The vendor does not document this status, so it is not known whether the import was successful. Check it in Permission Assist. " +
			"To stage a new import, " + a.again + "."
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
			quoted = append(quoted, "| "+shorten(line, longest))
		}
	}
	if len(quoted) == 0 {
		return "The server returned no log."
	}

	return "The end of its log:\n" + strings.Join(quoted[max(0, len(quoted)-lines):], "\n")
}

// shorten cuts a text to at most longest characters.
func shorten(text string, longest int) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}

	return text
}
