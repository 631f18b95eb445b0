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

// importWait waits for an import on behalf of a create or update and says how
// it went.
type importWait struct {
	model   applicationImportModel
	timeout time.Duration
	// taints: an error makes Terraform take the resource as broken, so that
	// the next apply would cancel the import and stage another.
	taints bool
}

// wait returns the import as it was read last. Only a successful end leaves no
// diagnostic.
func (w importWait) wait(ctx context.Context, client *permissionassist.Client, imp permissionassist.Import, diags *diag.Diagnostics) permissionassist.Import {
	imp, err := client.WaitImport(ctx, imp, nil)
	name := permissionassist.PrintableLine(imp.String())

	switch {
	case err == nil && imp.Status.Unsuccessful():
		diags.AddError("Import "+strings.ToLower(string(imp.Status)), w.describeFailure(imp))
	case err == nil:
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		// Not an error: it would taint the resource, and the next apply would
		// cancel an import that is running well. Terraform ends with exit code
		// 1 and does not start what depends on this resource in any case.
		diags.AddWarning("Stopped waiting for the import", fmt.Sprintf(
			"Terraform was interrupted. The %s (ID %s, last status %s) goes on in Permission Assist and is in the state; the next apply "+
				"waits for it again.", name, imp.ID, statusText(imp)))
	case ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded):
		w.addTimeout(diags, imp, err)
	default:
		addClientError(diags, "Stopped waiting for the import", err,
			fmt.Sprintf("The %s (ID %s) had the status %s when it was last read. %s", name, imp.ID, statusText(imp), w.goOn()))
	}

	return imp
}

func statusText(imp permissionassist.Import) string {
	if imp.Status == "" {
		return "unknown"
	}

	return permissionassist.PrintableLine(string(imp.Status))
}

func (w importWait) addTimeout(diags *diag.Diagnostics, imp permissionassist.Import, err error) {
	what := fmt.Sprintf("The %s (ID %s) had not ended after %s; its last status was %s. It goes on in Permission Assist.",
		permissionassist.PrintableLine(imp.String()), imp.ID, w.timeout, statusText(imp))

	var request *permissionassist.RequestError
	if errors.As(err, &request) || errors.Unwrap(err) != nil {
		what = joinParagraphs(what, sentence(err))
	}

	if w.model.OnTimeout.ValueString() == onTimeoutWarn {
		diags.AddWarning("Import did not end in time", joinParagraphs(what, "The next apply waits for it again."))

		return
	}

	diags.AddError("Import did not end in time", joinParagraphs(what, w.goOn(),
		"Imports run one after the other, so one can wait long behind others: if this is to be expected, raise the time-out in the "+
			"timeouts block, or set on_timeout = \"warn\"."))
}

// goOn tells how the next apply can wait for the same import.
func (w importWait) goOn() string {
	if !w.taints {
		return "Run terraform apply again to wait on."
	}

	return "To wait on, run: terraform untaint ADDRESS (the resource's address, as shown with this error), then terraform apply. " +
		"Without the untaint, the next apply cancels this import and stages a new one."
}

const logTail = 20

// describeFailure names the import, quotes the end of its log and says what
// to do.
func (w importWait) describeFailure(imp permissionassist.Import) string {
	what := fmt.Sprintf("The %s (ID %s) has ended as %s.", imp, imp.ID, imp.Status)

	next := "Look for the reason in Permission Assist and mend it, then run terraform apply again: it stages a new import."
	if imp.Status == permissionassist.StatusCanceled {
		next = "It was canceled in Permission Assist. Run terraform apply again to stage a new import."
	}

	if !w.taints && !w.model.RestageOnFailure.ValueBool() {
		next += " Because restage_on_failure is false, that takes -replace=ADDRESS."
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

		if runes := []rune(line); len(runes) > longest {
			line = string(runes[:longest]) + "…"
		}

		lines = append(lines, line)
	}

	return lines[max(0, len(lines)-n):]
}
