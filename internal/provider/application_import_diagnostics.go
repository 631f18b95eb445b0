package provider

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

// addGoneWarning explains why an import disappears from the state.
func addGoneWarning(diags *diag.Diagnostics, imp permissionassist.ApplicationImport, err error) {
	diags.AddWarning("Import no longer exists", explain.Paragraphs(
		fmt.Sprintf("%s (ID %s) no longer exists in Permission Assist; its last known status was %s. It is removed from the state, and the "+
			"next apply stages a new import.", explain.ImportName(imp), imp.ID, explain.StatusText(imp)),
		explain.WhatHappened(err)))
}

// addNotVisibleError explains why a young import was neither canceled nor
// removed from the state.
func addNotVisibleError(diags *diag.Diagnostics, imp permissionassist.ApplicationImport, err error) {
	diags.AddError("Import is not visible yet", explain.Paragraphs(explain.WhatHappened(err), fmt.Sprintf(
		"%s (ID %s) was staged %s ago. Right after that, a server may not find an import that exists, so it stays in the state. Try again in "+
			"ten minutes. To forget the import without canceling it, run: terraform state rm ADDRESS",
		explain.ImportName(imp), imp.ID, time.Since(imp.StagedAt).Round(time.Second))))
}

// addRecoveredWarning names an import that was found after a lost response. The
// response did not name it: an import that another system staged at the same
// moment would look the same.
func addRecoveredWarning(diags *diag.Diagnostics, result staging.Result) {
	if result.Doubt == nil {
		return
	}

	imp := result.Import
	diags.AddWarning("Import recovered after a lost response", explain.Paragraphs(explain.WhatHappened(result.Doubt), fmt.Sprintf(
		"The request was not retried. %s (ID %s%s) is the application's only new import, so Terraform uses it. If another system also stages "+
			"imports of this application, check that this import is yours.", explain.ImportName(imp), imp.ID, createdBy(imp))))
}

// addUnfinishedWarning names the application's unfinished imports that were
// there before. One of them may be from a run that was killed before Terraform
// saved it. next returns the advice for an ID: how to use that import instead.
func addUnfinishedWarning(diags *diag.Diagnostics, result staging.Result, next func(id string) string) {
	unfinished := slices.DeleteFunc(slices.Clone(result.Unfinished), func(imp permissionassist.ApplicationImport) bool {
		return imp.Status == permissionassist.StatusCanceling
	})
	if len(unfinished) == 0 {
		return
	}

	latest, more := unfinished[0], ""
	number := latest.ID
	if latest.Number != 0 {
		number = fmt.Sprintf("#%d", latest.Number)
	}
	if n := len(unfinished) - 1; n > 0 {
		more = fmt.Sprintf(", and %d more", n)
	}
	diags.AddWarning(fmt.Sprintf("Application already has an unfinished import, %s (%s)", number, explain.StatusText(latest)),
		explain.Paragraphs(
			fmt.Sprintf("%s was staged anyway. Before that, the application already had an unfinished import, %s (%s, ID %s%s)%s.",
				explain.ImportName(result.Import), number, explain.StatusText(latest), latest.ID, createdBy(latest), more),
			fmt.Sprintf("If an interrupted run staged %s, the application is imported twice now. Cancel one of the two in Permission Assist "+
				"(System Configuration > Queues > Builds), or with the action permissionassist_cancel_application_import. %s",
				number, next(latest.ID))))
}

func createdBy(imp permissionassist.ApplicationImport) string {
	if imp.CreatedBy == "" {
		return ""
	}
	return ", created by " + imp.CreatedBy
}
