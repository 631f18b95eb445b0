package permissionassist

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Sentinels for [errors.Is].
var (
	// ErrNotFound means that the API itself reports that the item does not exist
	// (404 with the not_found envelope). A 404 of a proxy or of IIS is never
	// ErrNotFound.
	ErrNotFound = errors.New("not found")
	// ErrGone means that an import that existed no longer exists. Two witnesses
	// agree: the API's own 404, and the import's absence from the list (on a
	// server without the list, the same 404 after a pause).
	ErrGone = errors.New("no longer exists")
	// ErrNotVisible means that an import which was staged less than ten minutes
	// ago was not found.
	ErrNotVisible = errors.New("not visible yet")
	// ErrConflict means that the API refused because of the item's state (409),
	// for example to cancel an import that has ended.
	ErrConflict = errors.New("conflict")
	// ErrUnauthorized means that the response was a 401, from the API or from
	// something in front of it.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden means that the response was a 403, from the API or from
	// something in front of it.
	ErrForbidden = errors.New("forbidden")
	// ErrRequestTimeout means that there was no complete response within
	// Config.RequestTimeout.
	ErrRequestTimeout = errors.New("no complete response within the request timeout")
	// ErrTooLarge means that a good response is larger than this client reads. The
	// next one will be too.
	ErrTooLarge = errors.New("too large")
	// ErrNotListed means that the server has no endpoint for one item, and the
	// item is not in the list that is read instead. That does not prove that it
	// does not exist.
	ErrNotListed = errors.New("not in the server's list")
	// ErrNoImports means that no import in the list of an application matches. The
	// server's list is also empty for an application that does not exist.
	ErrNoImports = errors.New("no matching imports")
)

// Operation is an operation of the API.
type Operation string

// The operations of the API, as they complete the sentence "The request to …".
const (
	OperationStage            Operation = "stage an import"
	OperationUpload           Operation = "upload an import"
	OperationCancel           Operation = "cancel an import"
	OperationGetImport        Operation = "get an import"
	OperationListImports      Operation = "list imports"
	OperationGetApplication   Operation = "get an application"
	OperationListApplications Operation = "list applications"

	OperationListIdentities      Operation = "list identities"
	OperationGetAccessRequest    Operation = "get an access request"
	OperationListAccessRequests  Operation = "list access requests"
	OperationGetPersonnelEvent   Operation = "get a personnel event"
	OperationListPersonnelEvents Operation = "list personnel events"
)

// aboutPeople reports whether the operation's responses have personal data.
// Their bodies are never quoted.
func (o Operation) aboutPeople() bool {
	switch o {
	case OperationListIdentities, OperationGetAccessRequest, OperationListAccessRequests,
		OperationGetPersonnelEvent, OperationListPersonnelEvents:
		return true
	default:
		return false
	}
}

// Request describes the request that an error is about.
type Request struct {
	Operation Operation
	// Method and Path are HTTP's; the path is without the query.
	Method, Path string
	// Attempts is how many times it was tried, at least 1.
	Attempts int
	// SendState is of the last attempt. It is zero if the caller's context ended
	// between two attempts, because then no request was under way.
	SendState
}

// SendState is how far an attempt got with sending its request.
type SendState struct {
	// Connected is set once there was a connection to write the request to.
	Connected bool
	// BodyBytes is how many bytes of the body were handed to a connection. If
	// net/http repeats the request by itself, they add up.
	BodyBytes int64
	// Complete is set once the whole body was handed to a connection.
	Complete bool
}

// Response is what is known of every response that ends in an error.
type Response struct {
	StatusCode int
	// RetryAfter is the pause that the server requested, at least a second; 0 if
	// none.
	RetryAfter time.Duration
}

func (r Response) response() Response { return r }

// Is supports errors.Is. A 401 or 403 from any server means that the
// credentials were refused.
func (r Response) Is(target error) bool {
	return target == ErrUnauthorized && r.StatusCode == http.StatusUnauthorized ||
		target == ErrForbidden && r.StatusCode == http.StatusForbidden
}

// failure is an error of one request.
type failure interface {
	error
	request() *Request
	response() Response
}

// responseOf returns what is known of the response that an error is about; the
// zero Response if there was none.
func responseOf(err error) Response {
	var failed failure
	if errors.As(err, &failed) {
		return failed.response()
	}
	return Response{}
}

func (r *Request) request() *Request { return r }

// String is the request line without the query.
func (r *Request) String() string { return r.Method + " " + r.Path }

// RequestOf returns the request that an error of this package is about; the
// zero Request for other errors.
func RequestOf(err error) Request {
	var failed failure
	if errors.As(err, &failed) {
		return *failed.request()
	}
	return Request{}
}

// FieldError is one field-level message of a validation_error. Field is the
// API's name of the field, such as applicationId.
type FieldError struct{ Field, Message string }

// APIError is an error response of the API itself: it carried the API's
// envelope. Its texts are printable and do not contain the token.
type APIError struct {
	Request
	Response
	// Code is the envelope's "error": validation_error, unauthorized,
	// forbidden, not_found, conflict, unprocessable_entity, server_error,
	// creation_failed, or a code that the reference does not list.
	Code    string
	Message string
	// Fields are the field-level messages of a validation_error; else empty.
	Fields []FieldError
	// CorrelationID identifies the response for the vendor's support; may be
	// empty.
	CorrelationID string
}

// codeCreationFailed is the API's code for an import that it could not create.
const codeCreationFailed = "creation_failed"

func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d %s: %s", &e.Request, e.StatusCode, e.Code, e.Message)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Field, f.Message)
	}
	if e.CorrelationID != "" {
		fmt.Fprintf(&b, " (correlation ID %s)", e.CorrelationID)
	}
	return b.String()
}

// Is supports [errors.Is].
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound && e.Code == "not_found"
	case ErrConflict:
		return e.StatusCode == http.StatusConflict
	default:
		return e.Response.Is(target)
	}
}

// UnexpectedResponseError is a response that did not come from the API, or that
// has a form that the API does not use. It may come from a proxy, a load
// balancer, a login page, IIS itself, or a wrong base URL. It never counts as
// "not found". Its texts are printable and do not contain the token.
type UnexpectedResponseError struct {
	Request
	Response
	// ContentType and WWWAuthenticate are headers of the response; may be empty.
	ContentType, WWWAuthenticate string
	// Location is the target of a redirect that was not followed, without its
	// query; else empty.
	Location string
	// Excerpt is the beginning of the body, on one line; may be empty. It is empty
	// if the operation is about people.
	Excerpt string
	// Reason describes what was wrong with the response.
	Reason   string
	tooLarge bool
}

func (e *UnexpectedResponseError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (HTTP status %d", &e.Request, e.Reason, e.StatusCode)
	if e.ContentType != "" {
		fmt.Fprintf(&b, ", content type %q", e.ContentType)
	}
	if e.Location != "" {
		fmt.Fprintf(&b, ", redirect to %q", e.Location)
	}
	switch {
	case e.Excerpt != "":
		fmt.Fprintf(&b, ", body begins %q)", e.Excerpt)
	case e.Operation.aboutPeople():
		b.WriteString(", body not shown)")
	default:
		b.WriteString(", empty body)")
	}
	return b.String()
}

// Is never reports ErrNotFound, on purpose.
func (e *UnexpectedResponseError) Is(target error) bool {
	return target == ErrTooLarge && e.tooLarge || e.Response.Is(target)
}

// RequestError is a request without a response: the connection could not be
// made or broke, or the response did not arrive in time or not completely.
type RequestError struct {
	Request
	// Err is the cause.
	Err error
	// Last is the last attempt's error if the caller's context ended the
	// request (then Err is the context's error); else nil.
	Last error
	// Proxy is the address of the proxy through which no connection could be made,
	// without user information; else empty.
	Proxy string
	// UnusedProxy is the same for a proxy that only ALL_PROXY names, and that was
	// not used.
	UnusedProxy string
	// CertificateMissing is set if the connection broke, the server has requested
	// a client certificate, and none is configured. CertificateUnused is set if
	// one is configured, and the server has not requested it.
	CertificateMissing, CertificateUnused bool
}

func (e *RequestError) response() Response { return Response{} }

func (e *RequestError) Error() string {
	what := "no response"
	if e.Last != nil {
		what = "gave up"
	}
	if e.Attempts > 1 {
		what += fmt.Sprintf(" in %d attempts", e.Attempts)
	}
	var refused *ProxyError
	switch {
	case e.UnusedProxy != "":
		what += " (the proxy " + e.UnusedProxy + " in ALL_PROXY is not used)"
	case e.Proxy != "" && !errors.As(e.Err, &refused): // a refusal names the proxy
		what += " through the proxy " + e.Proxy
	}
	text := fmt.Sprintf("%s: %s: %v", &e.Request, what, e.Err)
	if e.Last != nil {
		text += fmt.Sprintf("; the last attempt: %v", e.Last)
	}
	return text
}

func (e *RequestError) Unwrap() []error {
	return slices.DeleteFunc([]error{e.Err, e.Last}, func(err error) bool { return err == nil })
}

// MissingEndpointError means that the server does not have an endpoint that the
// call needs and that nothing can replace.
type MissingEndpointError struct {
	// Endpoint names what the server lacks, as "GET /api/…".
	Endpoint string
	// Err is the response to the last request that was tried.
	Err error
}

func (e *MissingEndpointError) Error() string {
	return fmt.Sprintf("the server does not have %s: %v", e.Endpoint, e.Err)
}

func (e *MissingEndpointError) Unwrap() error { return e.Err }

// OtherApplicationError is a response that names another application for an
// import than ApplicationID, or none that can be read. Such an import must be
// neither waited for nor canceled.
type OtherApplicationError struct {
	Import        ApplicationImport
	ApplicationID string
}

func (e *OtherApplicationError) Error() string {
	owner := "an application that cannot be read"
	if e.Import.Application != nil {
		owner = "application " + e.Import.Application.ID
	}
	return fmt.Sprintf("%s (ID %s) belongs to %s on the server, not to application %s", e.Import, e.Import.ID, owner, e.ApplicationID)
}

// ConfigError is a setting of a Config that cannot be used.
type ConfigError struct {
	// Field is the name of the Config's field, such as "Endpoint", or of the
	// parameter of ParseClientCert; "Proxy" for the environment variables.
	Field string
	// Err describes what is wrong and what is expected. It never contains a
	// secret.
	Err error
}

func (e *ConfigError) Error() string { return e.Field + ": " + e.Err.Error() }

func (e *ConfigError) Unwrap() error { return e.Err }

// printableError is another error with a text that can be shown, such as one of
// net/http that quotes a malformed header.
type printableError struct {
	text string
	err  error
}

func (e *printableError) Error() string { return e.text }

func (e *printableError) Unwrap() error { return e.err }
