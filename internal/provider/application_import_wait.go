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
		diags.AddError("Stopped waiting for the import", w.describeStop(ctx, imp, err, "Terraform was interrupted. "+status, ""))
	case ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded):
		why := "Imports run one at a time. If long waits are normal here, raise the timeout."
		if imp.Status != "" && !imp.Status.Documented() {
			why = explain.UndocumentedStatus(imp) + " Check the import there."
		}
		diags.AddError("Import did not end in time", w.describeStop(ctx, imp, err,
			fmt.Sprintf("The import did not end within %s. %s", w.timeout, status), why))
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

// describeStop adds to what is known about an import that is no longer waited
// for: it continues, it is paused or being canceled, or it may have ended since
// the last successful read. why explains a long wait.
func (w importWait) describeStop(ctx context.Context, imp permissionassist.ApplicationImport, err error, what, why string) string {
	var waited *permissionassist.WaitError
	if errors.As(err, &waited) && waited.LastRead != nil {
		last := " It may have ended since: the last read failed. "
		if imp.Status == "" {
			last = " The last error: "
		}
		return explain.Paragraphs(what+last+explain.WhatHappened(waited.LastRead), explain.NextStep(waited.LastRead, w.advice), w.advice.Resume)
	}

	after := " Terraform did not cancel it."
	if imp.Status == permissionassist.StatusPending || imp.Status == permissionassist.StatusRunning {
		after = " It continues in Permission Assist."
	}
	return explain.Paragraphs(what+after, w.conn.explainQueue(ctx, imp), w.advice.Resume, why)
}
