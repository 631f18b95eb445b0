package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

// An error of a request or of staging becomes a diagnostic in this file. (Errors
// of the provider's configuration are in provider_model.go, those of a file at
// plan in application_import_plan.go.) Its detail has up to three parts: what happened, in the API's own words if it
// responded; the resulting state; and what to do next (next_step.go).

// advice is the part of an error that differs between a resource and an action.
// Each field is a sentence or the end of one; empty if it does not apply.
type advice struct {
	// adopt explains how to adopt an import that exists and is not in the
	// state.
	adopt string
	// again explains how to stage a new import, as the end of a sentence: "run
	// terraform apply again".
	again string
	// replace explains the same for an import that no plan replaces by itself;
	// empty if again holds for it.
	replace string
	// resume explains how to keep waiting for the same import.
	resume string
	// fileGroups are the GUIDs in the argument files.
	fileGroups []string
	// tokenSource is the source of the token, such as "the argument token".
	tokenSource string
}

// createAdvice is for a resource that is being created: an error taints it.
func createAdvice() advice {
	return advice{
		adopt: "run: terraform import ADDRESS ID (ADDRESS is the address of this resource, shown with this error). Do not apply again " +
			"before that: it would stage another import.",
		again: "run terraform apply again",
		resume: "To keep waiting for it, run: terraform untaint ADDRESS (the address of this resource, shown with this error), then: terraform " +
			"apply. Without the untaint, the next apply replaces this import: it stages a new one and, unless cancel_on_destroy is false, cancels " +
			"this one.",
	}
}

// updateAdvice is for a resource that waits for an import of an earlier apply.
func updateAdvice(restages bool) advice {
	a := createAdvice()
	a.resume = "Run terraform apply again to keep waiting."
	a.replace = "run: terraform apply -replace=ADDRESS (no plan replaces this import by itself)"
	if !restages {
		a.again = "run: terraform apply -replace=ADDRESS (restage_on_failure is false)"
	}
	return a
}

// actionAdvice is for an action, which has no state and no next apply.
func actionAdvice() advice {
	return advice{
		adopt: "use it as it is. Invoking the action again would stage another import.",
		again: "invoke the action again",
		resume: "To see its status, read the data source permissionassist_application_import with this ID. To cancel it, invoke the action " +
			"permissionassist_cancel_application_import. Invoking this action again would stage another import.",
	}
}

// addError adds an error of the client or of staging. If the API names a field,
// the diagnostic points to the attribute that it comes from.
func addError(diags *diag.Diagnostics, summary string, err error, a advice, more ...string) {
	addErrorAt(diags, attributeOf(err, a.fileGroups), summary, err, a, more...)
}

// addErrorAt is addError with a known attribute.
func addErrorAt(diags *diag.Diagnostics, at path.Path, summary string, err error, a advice, more ...string) {
	paragraphs := append([]string{whatHappened(err), nextStep(err, a)}, more...)
	diags.Append(withPath(at, diag.NewErrorDiagnostic(summary, joinParagraphs(paragraphs...))))
}

func withPath(at path.Path, d diag.Diagnostic) diag.Diagnostic {
	if at.Equal(path.Empty()) {
		return d
	}
	return diag.WithPath(at, d)
}

// addStageError adds an error from package staging.
func addStageError(diags *diag.Diagnostics, err error, a advice) {
	var (
		failed *staging.Error
		file   *permissionassist.FileError
	)
	summary := "Import may have been staged"
	if errors.As(err, &failed) && failed.Outcome == staging.NotStaged {
		switch {
		case errors.Is(failed.Err, context.Canceled):
			summary = "Staging was interrupted"
		case errors.As(failed.Err, &file):
			summary = "File cannot be uploaded"
		default:
			summary = "Import was not staged"
		}
	}
	addError(diags, summary, err, a)
}

// attributeOf returns the attribute whose value caused an error, or the empty
// path.
func attributeOf(err error, fileGroups []string) path.Path {
	var file *permissionassist.FileError
	if errors.As(err, &file) && file.FileGroupID != "" {
		return path.Root("files").AtMapKey(file.FileGroupID)
	}

	var api *permissionassist.APIError
	if !errors.As(err, &api) {
		return path.Empty()
	}
	for _, f := range api.Fields {
		if f.Field == "applicationId" {
			return path.Root("application_id")
		}
		if len(fileGroups) == 0 || permissionassist.ValidateGUID(f.Field) != nil {
			continue
		}
		// The fields of an upload are named after the file groups.
		for _, group := range fileGroups {
			if permissionassist.SameGUID(group, f.Field) {
				return path.Root("files").AtMapKey(group)
			}
		}
		return path.Root("files") // the file of a required group is missing
	}
	return path.Empty()
}

// whatHappened describes an error: the API's own words, or how the request
// failed, and whether an import was staged.
func whatHappened(err error) string {
	var failed *staging.Error
	if !errors.As(err, &failed) {
		return describe(err)
	}

	cause := describe(failed.Err)
	switch {
	case failed.Outcome == staging.NotStaged:
		return joinParagraphs(cause, "Nothing was staged.")
	case failed.Outcome == staging.Ambiguous:
		return joinParagraphs(cause, describeCandidates(failed.Candidates))
	case failed.SearchErr != nil:
		return joinParagraphs(cause, "An import may have been staged, but the search for it failed. "+sentence(failed.SearchErr))
	default:
		return joinParagraphs(cause, "An import may have been staged, or may be staged later. The list of imports has no new one yet.")
	}
}

func describe(err error) string {
	var api *permissionassist.APIError
	if errors.As(err, &api) {
		return describeAPIError(api)
	}
	if errors.Is(err, context.Canceled) {
		return "Terraform was interrupted."
	}
	return sentence(err)
}

func describeAPIError(e *permissionassist.APIError) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Permission Assist reports:\n| %s\n", e.Message)
	for _, f := range e.Fields[:min(len(e.Fields), maxListed)] {
		fmt.Fprintf(&b, "| - %s: %s\n", f.Field, f.Message)
	}
	if more := len(e.Fields) - maxListed; more > 0 {
		fmt.Fprintf(&b, "| and %d more\n", more)
	}

	fmt.Fprintf(&b, "\nRequest: %s\nResponse: %d %s", &e.Request, e.StatusCode, e.Code)
	if e.CorrelationID != "" {
		fmt.Fprintf(&b, "\nCorrelation ID: %s", e.CorrelationID)
	}
	return b.String()
}

// maxListed is how many items of a list from the server a diagnostic quotes.
const maxListed = 20

func describeCandidates(candidates []permissionassist.ApplicationImport) string {
	var b strings.Builder
	b.WriteString("An import may have been staged. The application has more than one new import, and it is not known which of them Terraform staged:\n")
	if len(candidates) == 1 {
		b.Reset()
		b.WriteString("An import may have been staged. The application has one new import, but someone else may have staged it:\n")
	}
	for _, imp := range candidates[:min(len(candidates), maxListed)] {
		fmt.Fprintf(&b, "| #%d, %s, ID %s\n", imp.Number, statusText(imp), imp.ID)
	}
	if more := len(candidates) - maxListed; more > 0 {
		fmt.Fprintf(&b, "| and %d more\n", more)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// addTooLargeWarning explains why an attribute of undocumented shape is null.
func addTooLargeWarning(diags *diag.Diagnostics, at path.Path) {
	diags.AddAttributeWarning(at, "Value is too large", fmt.Sprintf(
		"The server's value for %s is larger than 64 KiB or nested more than 32 levels deep. The attribute is null.", at))
}

// sentence turns the text of an error into a sentence, without Go's name for a
// timeout.
func sentence(err error) string {
	text := strings.ReplaceAll(err.Error(), context.DeadlineExceeded.Error(), "the timeout was reached")
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	return text
}

// joinParagraphs joins non-empty paragraphs.
func joinParagraphs(paragraphs ...string) string {
	var kept []string
	for _, p := range paragraphs {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}

// importName returns the import's name for the beginning of a sentence.
func importName(imp permissionassist.ApplicationImport) string {
	return "Import" + strings.TrimPrefix(imp.String(), "import")
}

// statusText returns the status of an import for a message.
func statusText(imp permissionassist.ApplicationImport) string {
	if imp.Status == "" {
		return "unknown"
	}
	return string(imp.Status)
}
