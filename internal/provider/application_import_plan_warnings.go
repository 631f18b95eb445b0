package provider

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// Terraform merges warnings with equal summaries (hashicorp/terraform#23632),
// so the number of the import is part of the summary.

// addCancelsWarning warns about a plan that cancels an import: it destroys or
// replaces one that has not ended. wasRead is set if this run has read it.
// Before Terraform 1.12, a plan for a removed block comes before its refresh
// (hashicorp/terraform#36394), as with -refresh=false.
func addCancelsWarning(diags *diag.Diagnostics, m applicationImportModel, wasRead bool) {
	imp := m.known()
	if imp.Ended() || imp.Status == permissionassist.StatusCanceling || !m.cancelsOnDestroy() {
		return
	}

	summary := fmt.Sprintf("This plan cancels %s (%s)", imp, explain.StatusText(imp))
	detail := fmt.Sprintf("The import (ID %s) has not ended, and cancel_on_destroy is true.", imp.ID)
	if !wasRead {
		summary = fmt.Sprintf("This plan cancels %s if it has not ended", imp)
		detail = fmt.Sprintf("The state has the status %s, and Terraform planned this before it read the import (ID %s). cancel_on_destroy is "+
			"true.", explain.StatusText(imp), imp.ID)
	}
	diags.AddWarning(summary, explain.Paragraphs(
		detail, explain.UndocumentedStatus(imp), "To let it continue, apply cancel_on_destroy = false first."))
}

// addRestagesWarning warns about a plan that replaces a failed import.
// onlyReason is set if nothing else replaces it.
func addRestagesWarning(diags *diag.Diagnostics, imp permissionassist.ApplicationImport, onlyReason bool) {
	detail := fmt.Sprintf("The import (ID %s) has ended with the status %s.", imp.ID, imp.Status)
	if onlyReason {
		detail += " To keep a failed import, set restage_on_failure = false."
	}
	diags.AddWarning(fmt.Sprintf("%s failed: this plan stages a new one", explain.ImportName(imp)), detail)
}

func addKeptEndedWarning(diags *diag.Diagnostics, imp permissionassist.ApplicationImport) {
	what, next := "ended with an unknown outcome", ""
	switch imp.Status {
	case permissionassist.StatusFailed:
		what, next = "failed", "restage_on_failure is false. "
	case permissionassist.StatusCanceled:
		what, next = "was canceled", "A person or a program canceled it, so restage_on_failure does not replace it. "
	}
	diags.AddWarning(fmt.Sprintf("%s %s: this plan keeps it", explain.ImportName(imp), what), fmt.Sprintf(
		"The import (ID %s) has ended with the status %s. %sTo stage a new import, run: terraform apply -replace ADDRESS. If triggers is set, "+
			"changing it works, too.",
		imp.ID, imp.Status, next))
}

// addUnknownRestageError explains why Terraform cannot plan: the plan must
// decide whether it replaces the import.
func addUnknownRestageError(diags *diag.Diagnostics, imp permissionassist.ApplicationImport) {
	diags.AddAttributeError(path.Root("restage_on_failure"), "Value of restage_on_failure is unknown", fmt.Sprintf(
		"%s (ID %s) failed. Whether a new import replaces it depends on restage_on_failure, which is known only after apply. Use a value that "+
			"is known at plan, or apply its source first: terraform apply -target ADDRESS", explain.ImportName(imp), imp.ID))
}

func addOverdueWarning(diags *diag.Diagnostics, in planInput, queue string) {
	imp := in.state.known()
	why := cmp.Or(explain.UndocumentedStatus(imp), queue)
	summary := fmt.Sprintf("%s (%s) is older than max_age", explain.ImportName(imp), explain.StatusText(imp))
	diags.AddAttributeWarning(path.Root("max_age"), summary,
		explain.Paragraphs(fmt.Sprintf("It was staged %s ago, and max_age is %s. It has not ended, so this plan keeps it.",
			age(in), in.plan.MaxAge.ValueString()), why))
}

func addUnreadAgeWarning(diags *diag.Diagnostics, in planInput) {
	imp := in.state.known()
	summary := explain.ImportName(imp) + " is older than max_age and was not read"
	diags.AddAttributeWarning(path.Root("max_age"), summary, fmt.Sprintf(
		"It was staged %s ago, max_age is %s, and the state has the status %s. This run keeps the import, because it has not read its status. "+
			"Either the import was still young enough when the plan was made, or the plan was made with -refresh=false or -minimal-refresh. The "+
			"next plan with a refresh replaces the import if it has ended.",
		age(in), in.plan.MaxAge.ValueString(), explain.StatusText(imp)))
}

func age(in planInput) string {
	const day = 24 * time.Hour
	age := in.now.Sub(in.state.stagedAt())
	if age >= 3*day {
		return fmt.Sprintf("%d days", age/day)
	}
	return age.Round(time.Second).String()
}

// addWrongAssumptionError explains a plan that kept the import and would now
// replace it. Terraform stops before it changes anything.
func addWrongAssumptionError(diags *diag.Diagnostics, reason path.Path, imp permissionassist.ApplicationImport) {
	summary, at := "Files differ from the plan", path.Root("files")
	if reason.Equal(path.Root("application_id")) {
		summary, at = "Application differs from the plan", reason
	}
	diags.AddAttributeError(at, summary, fmt.Sprintf(
		"%s (ID %s) was neither replaced nor canceled. This run has not read it, and an earlier plan may have kept it.\n\n"+
			"During an apply, this means that the plan made a wrong assumption: run terraform apply again to replace the import. If this is a plan "+
			"with -refresh=false or -minimal-refresh, leave out that flag.", explain.ImportName(imp), imp.ID))
}

func addUnknownApplicationWarning(diags *diag.Diagnostics, imp permissionassist.ApplicationImport) {
	diags.AddAttributeWarning(path.Root("application_id"), "Application is known only after apply", fmt.Sprintf(
		"The plan assumes that the application stays the same (ID %s), so it keeps %s. If it turns out to be another application, the apply "+
			"stops with an error: then run it again.", imp.Application.ID, imp))
}

func addUnknownFilesWarning(diags *diag.Diagnostics, imp permissionassist.ApplicationImport) {
	diags.AddAttributeWarning(path.Root("files"), "Files are known only after apply", fmt.Sprintf(
		"The plan assumes that the files do not change, so it keeps %s. If they turn out to be different, the apply stops with an error: then "+
			"run it again. To upload the files in the same apply, change triggers as well.", imp))
}

func addAdoptedFilesWarning(diags *diag.Diagnostics, imp permissionassist.ApplicationImport) {
	diags.AddAttributeWarning(path.Root("files"), "Files are not uploaded", fmt.Sprintf(
		"%s came from terraform import: Terraform keeps it and only remembers the files. If their content changes later, they are uploaded. "+
			"To upload them now, run: terraform apply -replace ADDRESS", explain.ImportName(imp)))
}

// addUnreadFiles reports files that cannot be uploaded. If the plan uploads
// them, a file that is missing or empty is only a warning: the same apply may
// write it. If the plan keeps the import, it is an error: "no changes" may only
// be said of files that were read. So is the plan that terraform destroy makes
// first, unless it gets -refresh=false (hashicorp/terraform#32208).
func addUnreadFiles(diags *diag.Diagnostics, in planInput, uploads bool) {
	for _, group := range slices.Sorted(maps.Keys(in.files)) {
		err := in.files[group].err
		if err == nil {
			continue
		}

		at := path.Root("files").AtMapKey(group)
		mayAppear := errors.Is(err, fs.ErrNotExist) || errors.Is(err, permissionassist.ErrFileEmpty)
		add, next := diags.AddAttributeError, explain.NextStep(err, explain.ForImport())
		switch {
		case uploads && mayAppear:
			add = diags.AddAttributeWarning
			next = "The file must exist and must not be empty when this plan is applied. If another resource writes the file, make the import " +
				"depend on that resource and ignore this warning."
		case mayAppear:
			next = "So it is not known whether its content has changed. Write the file before you plan. If another resource writes it in the same " +
				"apply, take the path from an attribute of that resource, or change triggers whenever the content changes. To destroy without the " +
				"file, run: terraform destroy -refresh=false"
		}
		add(at, "File cannot be read", explain.Paragraphs(explain.Sentence(err), next))
	}
}
