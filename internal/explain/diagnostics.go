package explain

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

// AddError adds an error of the client or of staging. If the API names a field,
// the diagnostic points to the attribute that it comes from.
func AddError(diags *diag.Diagnostics, summary string, err error, a Advice, more ...string) {
	AddErrorAt(diags, attributeOf(err, a.FileGroups), summary, err, a, more...)
}

// AddErrorAt is AddError with a known attribute.
func AddErrorAt(diags *diag.Diagnostics, at path.Path, summary string, err error, a Advice, more ...string) {
	paragraphs := append([]string{WhatHappened(err), NextStep(err, a)}, more...)
	if at.Equal(path.Empty()) {
		diags.AddError(summary, Paragraphs(paragraphs...))
	} else {
		diags.AddAttributeError(at, summary, Paragraphs(paragraphs...))
	}
}

// AddReadError adds the error of a lookup by the attribute.
func AddReadError(diags *diag.Diagnostics, at path.Path, noun string, err error, a Advice) {
	if errors.Is(err, permissionassist.ErrNotFound) {
		AddErrorAt(diags, at, noun+" not found", err, a)
	} else {
		AddError(diags, noun+" could not be read", err, a)
	}
}

// AddStagingError adds an error from package staging, and more paragraphs.
func AddStagingError(diags *diag.Diagnostics, err error, a Advice, more ...string) {
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
	AddError(diags, summary, err, a, more...)
}

// attributesByField are the attributes whose names do not depend on the
// request.
var attributesByField = map[string]string{"applicationId": "application_id", "identityId": "identity_id"}

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
		if attribute, ok := attributesByField[f.Field]; ok {
			return path.Root(attribute)
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

// WhatHappened describes an error: the API's own words, or how the request
// failed, and whether an import was staged.
func WhatHappened(err error) string {
	var failed *staging.Error
	if !errors.As(err, &failed) {
		return describe(err)
	}

	cause := describe(failed.Err)
	switch {
	case failed.Outcome == staging.NotStaged && failed.Searched:
		return Paragraphs(cause, "Nothing was staged, as far as a search of 2 seconds shows. Check in Permission Assist before you try again.")
	case failed.Outcome == staging.NotStaged:
		return Paragraphs(cause, "Nothing was staged.")
	case failed.Outcome == staging.Ambiguous:
		return Paragraphs(cause, describeCandidates(failed.Candidates))
	case failed.SearchErr != nil:
		return Paragraphs(cause, "An import may have been staged, but the search for it failed. "+Sentence(failed.SearchErr))
	default:
		return Paragraphs(cause, "An import may have been staged, or may be staged later. The list of imports has no new one yet.")
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
	return Sentence(err)
}

func describeAPIError(e *permissionassist.APIError) string {
	text := "Permission Assist reports:\n| " + e.Message
	if len(e.Fields) > 0 {
		text += "\n" + Quote(e.Fields, func(f permissionassist.FieldError) string { return fmt.Sprintf("- %s: %s", f.Field, f.Message) })
	}

	text += fmt.Sprintf("\n\nRequest: %s\nResponse: %d %s", &e.Request, e.StatusCode, e.Code)
	if e.CorrelationID != "" {
		text += "\nCorrelation ID: " + e.CorrelationID
	}
	return text
}

func describeCandidates(candidates []permissionassist.ApplicationImport) string {
	what := "The application has more than one new import, and it is not known which of them Terraform staged:"
	if len(candidates) == 1 {
		what = "The application has one new import, but someone else may have staged it:"
	}
	return "An import may have been staged. " + what + "\n" + Quote(candidates, func(imp permissionassist.ApplicationImport) string {
		return fmt.Sprintf("#%d, %s, ID %s", imp.Number, StatusText(imp), imp.ID)
	})
}

// Quote returns a quoted line for each item of a list from the server, at most
// 20.
func Quote[T any](items []T, line func(T) string) string {
	const most = 20

	var lines []string
	for _, item := range items[:min(len(items), most)] {
		lines = append(lines, "| "+line(item))
	}
	if more := len(items) - most; more > 0 {
		lines = append(lines, fmt.Sprintf("| and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// AddTooLargeWarning explains why an attribute of undocumented shape is null.
func AddTooLargeWarning(diags *diag.Diagnostics, at path.Path) {
	steps := at.Steps()
	diags.AddAttributeWarning(at, "Value is too large", fmt.Sprintf("The server's value for %s is larger than 64 KiB, nested more than 32 "+
		"levels deep, has more than 500 elements in a list or 5000 in all, or has a number that Terraform cannot store. The attribute is "+
		"null.", steps[len(steps)-1]))
}

// Sentence turns the text of an error into a sentence.
func Sentence(err error) string {
	text := Clause(err)
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// Clause is Sentence for the end of a sentence. It leaves out Go's name for a
// timeout.
func Clause(err error) string {
	text := strings.ReplaceAll(err.Error(), context.DeadlineExceeded.Error(), "the timeout was reached")
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	return text
}

// Paragraphs joins non-empty paragraphs.
func Paragraphs(paragraphs ...string) string {
	var kept []string
	for _, p := range paragraphs {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}

// IfServerIsGone returns the next step for a server that will never respond
// again; empty if the error has another cause.
func IfServerIsGone(err error) string {
	var request *permissionassist.RequestError
	if !errors.As(err, &request) || errors.Is(err, context.Canceled) {
		return ""
	}
	return "If the server is gone permanently, forget the import with: terraform state rm ADDRESS"
}
