package explain

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// UndocumentedStatus explains an undocumented status of an unfinished import;
// empty if the status is documented.
func UndocumentedStatus(imp permissionassist.ApplicationImport) string {
	if imp.Status.Documented() {
		return ""
	}
	return "The vendor does not document this status. If an import's changes are unusual, Permission Assist can pause it until someone " +
		"continues or cancels it."
}

// AddEndedError reports an import that has ended and is not Finished. logLines
// is how many lines of the log's end it shows.
func AddEndedError(diags *diag.Diagnostics, imp permissionassist.ApplicationImport, logLines int, a Advice) {
	summary := "Import has failed"
	what := fmt.Sprintf("%s (ID %s) has ended with the status %s.", ImportName(imp), imp.ID, StatusText(imp))
	next := strings.TrimSpace(
		"Find the reason in Permission Assist and fix it. Then, to stage a new import, " + a.Again + ". " + a.AfterFailure)

	switch {
	case imp.Status == permissionassist.StatusCanceled:
		summary = "Import was canceled"
		next = "A person or a program canceled it. To stage a new import, " + a.Replace + "."
	case !imp.Status.Unsuccessful():
		summary = "Import ended with an unknown outcome"
		next = "The vendor does not document this status, so it is not known whether the import was successful. Check it in Permission Assist. " +
			"To stage a new import, " + a.Replace + "."
	}

	diags.AddError(summary, Paragraphs(what, logEnd(imp, logLines), next))
}

func logEnd(imp permissionassist.ApplicationImport, lines int) string {
	const longest = 500 // characters of a line

	var quoted []string
	for line := range strings.SplitSeq(imp.Log, "\n") {
		if line = strings.TrimRight(line, " \t"); line != "" {
			quoted = append(quoted, "| "+permissionassist.Shorten(line, longest))
		}
	}

	switch {
	case lines == 0:
		return ""
	case imp.LogTooLarge:
		return "Its log is too large to show. Read it in Permission Assist."
	case len(quoted) == 0:
		return "The server returned no log."
	default:
		return "The end of its log:\n" + strings.Join(quoted[max(0, len(quoted)-lines):], "\n")
	}
}
