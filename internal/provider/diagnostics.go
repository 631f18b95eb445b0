package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// attributeOfField says which attribute is to blame for what the API says of
// one of its fields. An upload's fields are named by the file groups too.
func attributeOfField(field string, fileGroups []string) (path.Path, bool) {
	switch {
	case field == "applicationId":
		return path.Root("application_id"), true
	case permissionassist.ValidateGUID(field) != nil:
		return path.Empty(), false
	}

	for _, group := range fileGroups {
		if permissionassist.SameGUID(group, field) {
			return path.Root("files").AtMapKey(group), true
		}
	}

	// One that is missing.
	return path.Root("files"), len(fileGroups) > 0
}

// addClientError turns an error of the client into a diagnostic: summary says
// what did not work; the detail is the API's own message, its fields, its
// correlation ID and what a person can do next, then what more the caller has
// to say. Where the API blames a field, the attribute it comes from is to blame.
func addClientError(diags *diag.Diagnostics, summary string, err error, more ...string) {
	addErrorOfFiles(diags, summary, err, nil, more...)
}

// addErrorOfFiles is addClientError for a request with files of these groups.
func addErrorOfFiles(diags *diag.Diagnostics, summary string, err error, fileGroups []string, more ...string) {
	detail := joinParagraphs(append([]string{whatHappened(err), nextStep(err)}, more...)...)

	var api *permissionassist.APIError
	if errors.As(err, &api) {
		for _, f := range api.Fields {
			if attribute, ok := attributeOfField(f.Field, fileGroups); ok {
				diags.AddAttributeError(attribute, summary, detail)

				return
			}
		}
	}

	diags.AddError(summary, detail)
}

// addStageError is addClientError for an import that could not be staged, or
// of which nobody knows whether it was. fileGroups are those of an upload.
func addStageError(diags *diag.Diagnostics, err error, fileGroups ...string) {
	var (
		notStaged *permissionassist.NotStagedError
		file      *permissionassist.FileError
	)

	switch {
	case errors.As(err, &notStaged) && errors.Is(err, context.Canceled):
		diags.AddError("Staging was interrupted", "Nothing was staged. Run terraform apply again.")
	case notStaged != nil && errors.As(err, &file):
		addUnusableFileError(diags, file.FileGroupID, file, "Nothing was staged.")
	case notStaged != nil:
		addErrorOfFiles(diags, "Import could not be staged", err, fileGroups)
	default:
		addClientError(diags, "Import may have been staged", err)
	}
}

// addActionStageError is addStageError for an action, which has no resource
// that could take over an import.
func addActionStageError(diags *diag.Diagnostics, err error) {
	var (
		notStaged *permissionassist.NotStagedError
		uncertain *permissionassist.UncertainStageError
		ambiguous *permissionassist.AmbiguousStageError
	)

	switch {
	case errors.As(err, &notStaged) && errors.Is(err, context.Canceled):
		diags.AddError("Staging was interrupted", "Nothing was staged. Invoke the action again.")

		return
	case notStaged != nil:
		addStageError(diags, err)

		return
	}

	next := "Look in Permission Assist whether a new import of the application is there. If there is none after some minutes, invoke the " +
		"action again."
	if errors.As(err, &uncertain) {
		next = postedOften(uncertain) + next
	}

	if errors.As(err, &ambiguous) {
		next = "Find out which of them this action has staged: the product shows who staged an import, and when. Invoking the action again " +
			"would stage another one."
	}

	diags.AddError("Import may have been staged", joinParagraphs(whatHappened(err), next))
}

// addUnusableFileError tells why the file of a file group cannot be uploaded.
func addUnusableFileError(diags *diag.Diagnostics, fileGroup string, err error, more ...string) {
	next := "Correct files: the files have to be there at every plan, because a change of their content stages a new import."

	switch {
	case errors.Is(err, permissionassist.ErrFileChanged):
		next = "Run terraform plan and apply again once nothing writes to the file any more: what is uploaded has to be what was planned."
	case errors.Is(err, fs.ErrNotExist):
		next += " If they are gone for good, take the resource out of the configuration and apply, or run: terraform destroy -refresh=false " +
			"(without that, Terraform plans as if to keep the resource first)."
	}

	diags.AddAttributeError(path.Root("files").AtMapKey(fileGroup), "File cannot be uploaded",
		joinParagraphs(append(append([]string{sentence(err)}, more...), next)...))
}

// sentence gives an error's text the form of a diagnostic's detail.
func sentence(err error) string {
	text := err.Error()

	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]

	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}

	return text
}

func joinParagraphs(paragraphs ...string) string {
	var kept []string

	for _, p := range paragraphs {
		if p != "" {
			kept = append(kept, p)
		}
	}

	return strings.Join(kept, "\n\n")
}

// whatHappened tells what the server said or did, or what became of the request.
func whatHappened(err error) string {
	var (
		api        *permissionassist.APIError
		ambiguous  *permissionassist.AmbiguousStageError
		uncertain  *permissionassist.UncertainStageError
		notStaged  *permissionassist.NotStagedError
		conclusion string
	)

	if errors.As(err, &notStaged) {
		conclusion = "Nothing was staged."
	}

	switch {
	case errors.As(err, &ambiguous):
		return describeAmbiguity(ambiguous)
	case errors.As(err, &uncertain):
		return sentence(uncertain)
	case errors.As(err, &api):
		return joinParagraphs(describeAPIError(api), conclusion)
	default:
		return joinParagraphs(sentence(err), conclusion)
	}
}

func describeAPIError(e *permissionassist.APIError) string {
	var b strings.Builder

	fmt.Fprintf(&b, "Permission Assist says: %s\n", e.Message)

	for _, f := range e.Fields {
		fmt.Fprintf(&b, "  - %s: %s\n", f.Field, f.Message)
	}

	fmt.Fprintf(&b, "\nRequest: %s %s\nAnswer: %d %s", e.Method, e.Path, e.StatusCode, e.Code)

	if e.CorrelationID != "" {
		fmt.Fprintf(&b, "\nCorrelation ID: %s", e.CorrelationID)
	}

	return b.String()
}

func describeAmbiguity(e *permissionassist.AmbiguousStageError) string {
	var b strings.Builder

	which := "Several imports of the application are new since, and nothing tells which one it is:"
	if len(e.Candidates) == 1 {
		which = "One import of the application is new since, but it may well be someone else's:"
	}

	fmt.Fprintf(&b, "%s\n\n%s\n", sentence(e.Err), which)

	for _, imp := range e.Candidates {
		fmt.Fprintf(&b, "  - #%d, %s, ID %s\n", imp.Number, permissionassist.PrintableLine(string(imp.Status)), imp.ID)
	}

	return strings.TrimSuffix(b.String(), "\n")
}

// nextStep tells a person what to do about an error.
func nextStep(err error) string {
	var (
		api        *permissionassist.APIError
		ambiguous  *permissionassist.AmbiguousStageError
		uncertain  *permissionassist.UncertainStageError
		missing    *permissionassist.MissingAPIError
		unexpected *permissionassist.UnexpectedResponseError
		request    *permissionassist.RequestError
	)

	const adopt = "import it with: terraform import ADDRESS ID (ADDRESS is this resource's, as shown with this error). " +
		"Until then do not apply again: that would stage another one."

	switch {
	case errors.As(err, &ambiguous):
		return "Find out which of them is this resource's (the product shows who staged an import, and when) and " + adopt
	case errors.As(err, &uncertain):
		return postedOften(uncertain) + "Look in Permission Assist whether a new import of the application is there. If so, " + adopt +
			" If there is none after some minutes, apply again."
	case errors.As(err, &unexpected) && (errors.Is(err, permissionassist.ErrUnauthorized) || errors.Is(err, permissionassist.ErrForbidden)):
		return "It was not Permission Assist that refused the request, but something before it, such as a proxy or a firewall. Check the " +
			"provider's endpoint (" + envEndpoint + ") and whether Terraform may reach the server from here; if it asks for the token, " +
			"check " + envToken + "."
	case errors.Is(err, permissionassist.ErrUnauthorized):
		return "The token was refused: it may have expired or been deleted. Check the provider's argument token or the environment variable " +
			envToken + ", and that it is meant for this server."
	case errors.Is(err, permissionassist.ErrForbidden):
		return "The token is known but may not do this. Ask an administrator of Permission Assist."
	case errors.As(err, &api):
		return nextStepForAPIError(api)
	case errors.As(err, &missing):
		return "Nothing else can be read from this server. Check that the provider's endpoint is that of Permission Assist; if it is, its " +
			"version may be too old for this provider."
	case errors.As(err, &unexpected):
		return nextStepForUnexpected(unexpected)
	case errors.Is(err, permissionassist.ErrNotListed):
		return "This server can only be asked for the list, and being absent from it is no proof. If it is really gone in Permission " +
			"Assist, correct the ID; an import that Terraform manages is forgotten with: terraform state rm ADDRESS."
	case errors.Is(err, context.Canceled):
		return "Terraform was interrupted. Run it again."
	case errors.Is(err, context.DeadlineExceeded):
		return "The time-out of the whole operation was reached. Raise it (timeouts of a resource, timeout of an action), or try again later."
	case errors.As(err, &request):
		return nextStepForRequest(request)
	}

	return ""
}

// postedOften tells what can turn up of an import that nobody knows about.
func postedOften(e *permissionassist.UncertainStageError) string {
	if e.Posts > 1 {
		return fmt.Sprintf("It was posted %d times, each time because nothing had come of the time before, so up to %d imports can still "+
			"turn up; only one of them is wanted. ", e.Posts, e.Posts)
	}

	return "Nothing was posted again. "
}

func nextStepForAPIError(e *permissionassist.APIError) string {
	switch e.StatusCode {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		if isUpload(e.Path) {
			return "Correct application_id or files: the application has to exist, not be archived and have a file-based connector that is " +
				"available, and files needs the GUID of a file group of that connector for each file, and a file for each that it requires."
		}
	}

	switch e.StatusCode {
	case http.StatusBadRequest:
		if !slices.ContainsFunc(e.Fields, func(f permissionassist.FieldError) bool { return f.Field == "applicationId" }) {
			return "Correct what Permission Assist complains about."
		}

		return "Correct application_id: it has to be the ID of an application that exists and is not archived. The data source " +
			"permissionassist_application finds it by name."
	case http.StatusUnprocessableEntity:
		return "Schedule an import for this application in Permission Assist (Manage > Applications > the application > Import Privileges > " +
			"Schedule), and see there that its connector is available and has the file paths it needs. Then apply again."
	case http.StatusNotFound:
		return "Check the ID, and that the provider's endpoint is the server it comes from."
	case http.StatusConflict:
		return "Look in Permission Assist what is in the way, and run terraform plan again."
	case http.StatusTooManyRequests:
		return "The server is busy" + askedToWait(e.RetryAfter) + ". Apply again later, or with a lower -parallelism."
	case http.StatusServiceUnavailable:
		return "The server is busy" + askedToWait(e.RetryAfter) + ". Apply again later."
	default:
		return "Try again. If it stays, give the correlation ID to the administrator of Permission Assist or to the vendor's support."
	}
}

// askedToWait tells how long the server has asked to wait, if it has.
func askedToWait(pause time.Duration) string {
	if pause <= 0 {
		return ""
	}

	return fmt.Sprintf(" and asks to wait %s", pause.Round(time.Second))
}

func nextStepForUnexpected(e *permissionassist.UnexpectedResponseError) string {
	if e.Location != "" {
		return "A redirect is followed neither to another address nor for anything but reading, because the token would go with it. If the " +
			"server has moved there, set the provider's endpoint to it; if it is a login page, the API is not reachable this way."
	}

	if isUpload(e.Path) && (e.StatusCode == http.StatusRequestEntityTooLarge || e.StatusCode == http.StatusNotFound) {
		return "The files may be larger than the server, or a proxy before it, accepts. In IIS, the limit is maxAllowedContentLength of Request " +
			"Filtering: 30 MB unless an administrator has raised it. Otherwise check the provider's endpoint (" + envEndpoint + ")."
	}

	if e.RetryAfter > 0 {
		return "The server, or what stands before it, is busy" + askedToWait(e.RetryAfter) + ". Apply again later, or with a lower -parallelism."
	}

	return "Check the provider's endpoint (" + envEndpoint + "), and what stands between Terraform and the server: a proxy, a load " +
		"balancer or a login page may have answered in its place. Nothing in the state was changed."
}

func nextStepForRequest(e *permissionassist.RequestError) string {
	var (
		certificate *tls.CertificateVerificationError
		dns         *net.DNSError
	)

	switch {
	case errors.As(e, &certificate):
		return "The server's certificate is not trusted. If an authority of your own signed it, set ca_cert_file (" + envCACertFile +
			") or ca_cert_pem."
	case permissionassist.IsTLSRefused(e):
		return "The server refused the connection during the TLS handshake. If it asks its clients for a certificate (mutual TLS), set " +
			"client_cert_file (" + envClientCertFile + ") and client_key_file (" + envClientKeyFile + "), and check that it knows that certificate."
	case errors.Is(e, http.ErrSchemeMismatch):
		return "The server speaks plain http on this port. Correct the provider's endpoint (" + envEndpoint + ")."
	case errors.Is(e, permissionassist.ErrRequestTimeout):
		return "Try again, or raise the provider's request_timeout if the server is known to be slow."
	case errors.As(e, &dns):
		return "Check the server's name in the provider's endpoint (" + envEndpoint + ")."
	default:
		return "Check the provider's endpoint (" + envEndpoint + ") and that the server can be reached from here, then try again."
	}
}

// isUpload tells whether a request had files.
func isUpload(path string) bool { return strings.HasSuffix(path, "/application-imports/upload") }

// isGone tells whether the API itself said that an import does not exist.
func isGone(err error) bool { return errors.Is(err, permissionassist.ErrNotFound) }

// isCanceledAlready tells whether there is nothing left to cancel.
func isCanceledAlready(err error) bool {
	return errors.Is(err, permissionassist.ErrConflict) || errors.Is(err, permissionassist.ErrNotFound)
}

// addGoneWarning tells why an import disappears from the state.
func addGoneWarning(diags *diag.Diagnostics, m applicationImportModel, err error) {
	status := "in an unknown state"
	if !m.Status.IsNull() {
		status = m.Status.ValueString()
	}

	diags.AddWarning("Import no longer exists", joinParagraphs(
		fmt.Sprintf("Permission Assist no longer knows %s (ID %s), which was %s when it was last read. It was removed from the state; the "+
			"next apply stages a new import.", m.displayName(), m.ID.ValueString(), permissionassist.PrintableLine(status)),
		whatHappened(err)))
}

// addStagedWarnings tells what was unusual about a staging that has succeeded.
func addStagedWarnings(diags *diag.Diagnostics, imp permissionassist.Import) {
	more := ""
	if imp.Posts > 1 {
		more = fmt.Sprintf("It was posted %d times, each time because nothing had come of the time before, so others of the "+
			"application can still turn up, up to %d in all. Look for them in Permission Assist, and cancel them there.", imp.Posts, imp.Posts)
	}

	switch {
	case imp.Recovered != nil:
		by := ""
		if imp.CreatedBy != "" {
			by = ", created by " + permissionassist.PrintableLine(imp.CreatedBy)
		}

		// It was recognised, not answered: what another system staged in the same
		// moment would have looked the same.
		diags.AddWarning("Import was found after a doubtful answer", joinParagraphs(sentence(imp.Recovered), fmt.Sprintf(
			"The %s (ID %s%s) is the only one that is new since, and was taken over. Should another system stage "+
				"imports of this application, too, make sure that it is not one of those.",
			imp, imp.ID, by), more))
	case more != "":
		diags.AddWarning("Import was posted more than once", joinParagraphs(fmt.Sprintf("The %s (ID %s) was staged.", imp, imp.ID), more))
	}
}

// addCancelsUndecidedWarning tells that a plan cancels an import that the product
// may have paused until a person has looked at its changes.
func addCancelsUndecidedWarning(diags *diag.Diagnostics, m applicationImportModel) {
	if m.Status.ValueString() == "" || m.status().Documented() || !m.cancelsOnDestroy() {
		return
	}

	diags.AddWarning("Import may be waiting for a person", fmt.Sprintf(
		"The status of %s (ID %s) is %s, which is none that the vendor documents. Permission Assist can pause an import whose changes are "+
			"unusual until a person continues or cancels it there. This plan cancels it. To leave it to that person, apply cancel_on_destroy = "+
			"false first.",
		m.displayName(), m.ID.ValueString(), permissionassist.PrintableLine(m.Status.ValueString())))
}

// addUnknownRestageError tells that a plan cannot be made. Whether an import is
// replaced has to be known when that is planned.
func addUnknownRestageError(diags *diag.Diagnostics, m applicationImportModel) {
	diags.AddAttributeError(path.Root("restage_on_failure"), "Not known whether to stage again", fmt.Sprintf(
		"The status of %s (ID %s) is %s. Whether another is staged in its place depends on restage_on_failure (by default on "+
			"wait_for_completion), whose value is not known before apply. Set it to a value that is known at plan, or apply first what it comes "+
			"from (terraform apply -target=ADDRESS).",
		m.displayName(), m.ID.ValueString(), permissionassist.PrintableLine(m.Status.ValueString())))
}

// addNotRestagedWarning tells that a failure is left as it is.
func addNotRestagedWarning(diags *diag.Diagnostics, m applicationImportModel) {
	diags.AddWarning("Import was not successful", fmt.Sprintf(
		"The status of %s (ID %s) is %s, and restage_on_failure is false: no other is staged, and because wait_for_completion is true, the "+
			"apply ends with an error. To stage a new import, set restage_on_failure, change triggers, or apply with -replace=ADDRESS; to "+
			"leave it as it is, set wait_for_completion to false.",
		m.displayName(), m.ID.ValueString(), permissionassist.PrintableLine(m.Status.ValueString())))
}
