package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// timeoutOf returns a configured timeout of a wait, or the default.
func timeoutOf(configured types.String) time.Duration {
	timeout, err := time.ParseDuration(configured.ValueString())
	if err != nil {
		return 60 * time.Minute
	}
	return timeout
}

// importWait waits for an import, for a completion or an action.
type importWait struct {
	conn   *connection
	advice explain.Advice
	// timeout is the timeout of the whole operation, for messages: the context
	// has the deadline.
	timeout time.Duration
	// logLines is how much of the log's end the error of a failed import shows.
	logLines int
	// observe, if not nil, is called with every response.
	observe func(permissionassist.ApplicationImport)
}

// wait returns the import as last read. It adds an error unless the import
// finished successfully.
func (w importWait) wait(
	ctx context.Context, imp permissionassist.ApplicationImport, diags *diag.Diagnostics,
) permissionassist.ApplicationImport {
	imp, err := w.conn.WaitForApplicationImport(ctx, imp, w.observe)
	status := lastStatus(imp)
	var other *permissionassist.OtherApplicationError

	switch {
	case err == nil && imp.Status == permissionassist.StatusFinished:
	case err == nil:
		explain.AddEndedError(diags, imp, w.logLines, w.advice)
	case errors.Is(err, permissionassist.ErrGone):
		explain.AddError(diags, "Import no longer exists", err, w.conn.advice(), status, w.advice.Gone)
	case errors.As(err, &other):
		explain.AddError(diags, "Import belongs to another application", err, w.advice)
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		diags.AddError("Stopped waiting for the import", explain.Paragraphs("Terraform was interrupted. "+w.afterwards(imp, status, err),
			w.nextStepOfRead(err), w.explainQueue(ctx, imp, err), w.advice.Resume))
	case ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded):
		diags.AddError("Import did not end in time", w.describeTimeout(ctx, imp, err))
	default:
		explain.AddError(diags, "Stopped waiting for the import", err, w.advice, status+" "+w.advice.Resume)
	}
	return imp
}

func lastStatus(imp permissionassist.ApplicationImport) string {
	if imp.Status == "" {
		return fmt.Sprintf("Terraform could not read import %s.", imp.ID)
	}
	return fmt.Sprintf("%s (ID %s) had the status %s when it was last read.", explain.ImportName(imp), imp.ID, explain.StatusText(imp))
}

func (w importWait) describeTimeout(ctx context.Context, imp permissionassist.ApplicationImport, err error) string {
	status := fmt.Sprintf("The import did not end within %s. %s", w.timeout, lastStatus(imp))

	why := "Imports run one at a time. If long waits are normal here, raise the timeout."
	switch {
	case lastReadError(err) != nil:
		why = "" // the failed read is the reason
	case imp.Status != "" && !imp.Status.Documented():
		why = explain.UndocumentedStatus(imp) + " Check the import there."
	}
	return explain.Paragraphs(w.afterwards(imp, status, err), w.nextStepOfRead(err), w.explainQueue(ctx, imp, err), w.advice.Resume, why)
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
func (w importWait) afterwards(imp permissionassist.ApplicationImport, status string, err error) string {
	read := lastReadError(err)
	switch {
	case read == nil && (imp.Status == permissionassist.StatusPending || imp.Status == permissionassist.StatusRunning):
		return status + " It continues in Permission Assist."
	case read == nil:
		return status + " Terraform did not cancel it."
	case imp.Status == "":
		return status + " The last error: " + explain.WhatHappened(read)
	default:
		return status + " It may have ended since: the last read failed. " + explain.WhatHappened(read)
	}
}

func (w importWait) nextStepOfRead(err error) string {
	if read := lastReadError(err); read != nil {
		return explain.NextStep(read, w.advice)
	}
	return ""
}

// lastReadError returns why the last read of a wait failed; nil if it did not.
func lastReadError(err error) error {
	var waited *permissionassist.WaitError
	if !errors.As(err, &waited) {
		return nil
	}
	return waited.LastRead
}
