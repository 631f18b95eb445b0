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

// importWait waits for an import on behalf of a create, an update or an action
// and says how it went.
type importWait struct {
	model   applicationImportModel
	timeout time.Duration
	// action: there is neither a state nor a next apply that could wait again.
	action bool
	// observe, if not nil, is called with every answer while waiting.
	observe func(permissionassist.Import)
	// taints: an error makes Terraform take the resource as broken, so that
	// the next apply would cancel the import and stage another.
	taints bool
}

// wait returns the import as it was read last. Only a successful end leaves no
// diagnostic.
func (w importWait) wait(ctx context.Context, client *permissionassist.Client, imp permissionassist.Import, diags *diag.Diagnostics) permissionassist.Import {
	imp, err := client.WaitImport(ctx, imp, w.observe)
	name := imp.String()

	switch {
	case err == nil && imp.Status.Unsuccessful():
		diags.AddError("Import "+strings.ToLower(string(imp.Status)), w.describeFailure(imp))
	case err == nil:
	case ctx.Err() != nil && errors.Is(err, context.Canceled) && w.action:
		diags.AddError("Stopped waiting for the import", joinParagraphs(fmt.Sprintf(
			"Terraform was interrupted. The %s (ID %s, last status %s) goes on in Permission Assist. %s", name, imp.ID, statusText(imp), afterAction),
			failedRead(err)))
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		// Not an error: it would taint the resource, and the next apply would
		// cancel an import that is running well. Terraform ends with exit code
		// 1 and does not start what depends on this resource in any case.
		diags.AddWarning("Stopped waiting for the import", joinParagraphs(fmt.Sprintf(
			"Terraform was interrupted. The %s (ID %s, last status %s) goes on in Permission Assist and is in the state; the next apply "+
				"waits for it again.", name, imp.ID, statusText(imp)), failedRead(err)))
	case ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded):
		w.addTimeout(diags, imp, err)
	case isGone(err):
		diags.AddError("Import no longer exists", joinParagraphs(
			fmt.Sprintf("The %s (ID %s) was removed from Permission Assist while Terraform waited for it; its last status was %s. Imports that "+
				"have failed can be removed by an administrator's retention setting.", name, imp.ID, statusText(imp)),
			whatHappened(err), "There is nothing left to wait for. To stage a new import, "+importWait{action: w.action, taints: true}.again()+"."))
	default:
		addClientError(diags, "Stopped waiting for the import", err,
			fmt.Sprintf("The %s (ID %s) had the status %s when it was last read. %s", name, imp.ID, statusText(imp), w.goOn()))
	}

	return imp
}

// failedRead tells why an import that was waited for could not be read in the
// end, if it could not: its last status may be an old one then.
func failedRead(err error) string {
	var waited *permissionassist.WaitError
	if !errors.As(err, &waited) || waited.Read == nil {
		return ""
	}

	return joinParagraphs("It could not be read any more: "+whatHappened(waited.Read), nextStep(waited.Read))
}

func statusText(imp permissionassist.Import) string {
	if imp.Status == "" {
		return "unknown"
	}

	return permissionassist.PrintableLine(string(imp.Status))
}

func (w importWait) addTimeout(diags *diag.Diagnostics, imp permissionassist.Import, err error) {
	what := fmt.Sprintf("The %s (ID %s) had not ended after %s; its last status was %s. It goes on in Permission Assist.",
		imp.String(), imp.ID, w.timeout, statusText(imp))

	var waited *permissionassist.WaitError
	if errors.As(err, &waited) && waited.Read != nil {
		what = joinParagraphs(
			fmt.Sprintf("The %s (ID %s) was not seen to end within %s. It may have ended: when it could last be read its status was %s, and since "+
				"then it could not be read.", imp.String(), imp.ID, w.timeout, statusText(imp)),
			whatHappened(waited.Read), nextStep(waited.Read))
	}

	if w.model.OnTimeout.ValueString() == onTimeoutWarn {
		diags.AddWarning("Import did not end in time", joinParagraphs(what, "The next apply waits for it again."))

		return
	}

	next := "raise the time-out in the timeouts block, or set on_timeout = \"warn\"."
	if w.action {
		next = "raise the action's timeout, or do not wait."
	}

	why := "Imports run one after the other, so one can wait long behind others: if this is to be expected, " + next
	if !imp.Status.Documented() {
		why = "This status is none that the vendor documents. Permission Assist can pause an import whose changes are unusual until a person " +
			"continues or cancels it there: look at the import."
	}

	diags.AddError("Import did not end in time", joinParagraphs(what, w.goOn(), why))
}

// afterAction tells how to go on with an import that an action has staged.
const afterAction = "To see how it stands, read the data source permissionassist_application_import with this ID; to cancel it, invoke the " +
	"action permissionassist_cancel_application_import. Invoking this action again would stage another import."

// goOn tells how to go on with the same import.
func (w importWait) goOn() string {
	if w.action {
		return afterAction
	}

	if !w.taints {
		return "Run terraform apply again to wait on."
	}

	return "To wait on, run: terraform untaint ADDRESS (the resource's address, as shown with this error), then terraform apply. " +
		"Without the untaint, the next apply cancels this import and stages a new one."
}

// again tells how to stage a new import in place of one that has failed or gone.
func (w importWait) again() string {
	switch {
	case w.action:
		return "invoke the action again"
	case !w.taints && !w.model.RestageOnFailure.ValueBool():
		return "run terraform apply -replace=ADDRESS (restage_on_failure is false)"
	default:
		return "run terraform apply again"
	}
}

const logTail = 20

// describeFailure names the import, quotes the end of its log and says what
// to do.
func (w importWait) describeFailure(imp permissionassist.Import) string {
	what := fmt.Sprintf("The %s (ID %s) has ended as %s.", imp, imp.ID, imp.Status)

	next := "Look for the reason in Permission Assist and mend it. Then, to stage a new import, " + w.again() + "."
	if imp.Status == permissionassist.StatusCanceled {
		next = "It was canceled in Permission Assist. To stage a new import, " + w.again() + "."
	}

	lines := lastLines(permissionassist.Printable(imp.Log), logTail)
	if len(lines) == 0 {
		return joinParagraphs(what, "The server gave no log.", next)
	}

	return joinParagraphs(what, "The end of its log:\n  "+strings.Join(lines, "\n  "), next)
}

// lastLines gives the last n lines of a text that are not blank, each cut to a
// length that a terminal can show.
func lastLines(text string, n int) []string {
	const longest = 500

	var lines []string

	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimRight(line, " \t"); line == "" {
			continue
		}

		lines = append(lines, shorten(line, longest))
	}

	return lines[max(0, len(lines)-n):]
}

// shorten cuts a text to so many characters.
func shorten(text string, longest int) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}

	return text
}
