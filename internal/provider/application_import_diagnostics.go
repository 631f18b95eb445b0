package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

// addGoneWarning explains why an import disappears from the state.
func addGoneWarning(diags *diag.Diagnostics, m applicationImportModel, err error) {
	diags.AddWarning("Import no longer exists", joinParagraphs(
		fmt.Sprintf("%s (ID %s) no longer exists in Permission Assist; its last status was %s. It was removed from the state, and the next "+
			"apply stages a new import.", importName(m.known()), m.ID.ValueString(), statusText(m.known())),
		whatHappened(err)))
}

// ifServerIsGone returns the next step for a server that will never respond
// again.
func ifServerIsGone(err error) string {
	var request *permissionassist.RequestError
	if !errors.As(err, &request) || errors.Is(err, context.Canceled) {
		return ""
	}
	return "If the server is gone permanently, forget the import with: terraform state rm ADDRESS"
}

// addAdoptedWarning names an import that was adopted without a usable response.
// The response did not name it: an import that another system staged at the
// same moment would look the same.
func addAdoptedWarning(diags *diag.Diagnostics, result staging.Result) {
	if result.Doubt == nil {
		return
	}

	imp, createdBy := result.Import, ""
	if imp.CreatedBy != "" {
		createdBy = ", created by " + imp.CreatedBy
	}
	diags.AddWarning("Import was adopted without a usable response", joinParagraphs(describe(result.Doubt), fmt.Sprintf(
		"The request was not sent again after that. %s (ID %s%s) is the application's only new import, so it was adopted. If another system "+
			"also stages imports of this application, check that this import is yours.", importName(imp), imp.ID, createdBy)))
}

// pausesForReview explains an undocumented status of an unfinished import.
const pausesForReview = "If an import's changes are unusual, Permission Assist can pause it until someone continues or cancels it."

// addCancelsUndecidedWarning warns about a plan that cancels an import that
// Permission Assist may have paused for a review of its changes.
func addCancelsUndecidedWarning(diags *diag.Diagnostics, m applicationImportModel) {
	if m.Status.ValueString() == "" || m.known().Ended() || m.status().Documented() || !m.cancelsOnDestroy() {
		return
	}

	diags.AddWarning("Import may be waiting for a person", fmt.Sprintf(
		"The status of %s (ID %s) is %s, which the vendor does not document. %s This plan cancels this import. To leave the decision to that "+
			"person, apply cancel_on_destroy = false first.", m.known(), m.ID.ValueString(), statusText(m.known()), pausesForReview))
}

// addUnknownRestageError explains why Terraform cannot plan: the plan must
// decide whether it replaces the import.
func addUnknownRestageError(diags *diag.Diagnostics, m applicationImportModel) {
	diags.AddAttributeError(path.Root("restage_on_failure"), "Value of restage_on_failure is unknown", fmt.Sprintf(
		"The status of %s (ID %s) is %s. Whether a new import replaces it depends on restage_on_failure (default: wait_for_completion), "+
			"which is known only after apply. Use a value that is known at plan, or apply its source first: terraform apply "+
			"-target=ADDRESS", m.known(), m.ID.ValueString(), statusText(m.known())))
}

// addNotRestagedWarning warns that the apply will end with an error.
func addNotRestagedWarning(diags *diag.Diagnostics, m applicationImportModel) {
	diags.AddWarning("Import was not successful", fmt.Sprintf(
		"The status of %s (ID %s) is %s. With restage_on_failure = false, no new import is staged. With wait_for_completion = true, the apply "+
			"will fail. To accept the status, set wait_for_completion = false. To stage a new import, set restage_on_failure = true or change "+
			"triggers. Or run: terraform apply -replace=ADDRESS", m.known(), m.ID.ValueString(), statusText(m.known())))
}
