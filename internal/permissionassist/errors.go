package permissionassist

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// What an error of this package can be asked for with [errors.Is].
var (
	// ErrNotFound: the API itself said that what was asked for does not exist
	// (404 with the API's not_found envelope). A 404 of anything else, such as
	// a proxy, is never ErrNotFound.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the API refused because of the state the thing is in (409),
	// for example canceling an import that has ended.
	ErrConflict = errors.New("conflict")
	// ErrUnauthorized: the token was refused (401).
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden: the token is valid but may not do this (403).
	ErrForbidden = errors.New("forbidden")
	// ErrRequestTimeout: one request got no complete answer within
	// Config.RequestTimeout.
	ErrRequestTimeout = errors.New("no complete answer within the request time-out")
	// ErrNotListed: the server has no API that answers for one item, and the
	// item is not in the list that stands in. That is not proof that it does
	// not exist.
	ErrNotListed = errors.New("not in the server's list")
	// ErrNoImports: the list of an application's imports is empty. The server
	// gives the same for an application that does not exist.
	ErrNoImports = errors.New("no imports")
)

// FieldError is one field-level complaint of a validation_error.
type FieldError struct {
	// Field is the API's name of the field, such as applicationId.
	Field string
	// Message is the API's own wording.
	Message string
}

// APIError is an error that the API itself answered: it carried the API's
// envelope. Its texts are printable and free of the token.
type APIError struct {
	// StatusCode is the HTTP status, such as 422.
	StatusCode int
	// Code is the envelope's "error": validation_error, unauthorized,
	// forbidden, not_found, conflict, unprocessable_entity, server_error,
	// creation_failed, or one that the reference does not list.
	Code string
	// Message is the API's own wording.
	Message string
	// Fields are the field-level complaints of a validation_error, else empty.
	Fields []FieldError
	// CorrelationID is what the vendor's support asks for; may be empty.
	CorrelationID string
	// Method and Path say which request was answered so.
	Method, Path string
	// RetryAfter is how long the server asked to wait; 0 where it did not.
	RetryAfter time.Duration
}

// Error is one line with all that the API said.
func (e *APIError) Error() string {
	var b strings.Builder

	fmt.Fprintf(&b, "%s %s: %d %s: %s", e.Method, e.Path, e.StatusCode, e.Code, e.Message)

	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Field, f.Message)
	}

	if e.CorrelationID != "" {
		fmt.Fprintf(&b, " (correlation ID %s)", e.CorrelationID)
	}

	return b.String()
}

// Is supports errors.Is with the sentinels of this package.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound && e.Code == "not_found"
	case ErrConflict:
		return e.StatusCode == http.StatusConflict
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden
	}

	return false
}

// UnexpectedResponseError says that something answered which is not the
// Permission Assist API, or not in a form the API is known to use: a proxy, a
// load balancer, a login page, IIS itself, a wrong base URL. It is never taken
// for "not found". Its texts are printable and free of the token.
type UnexpectedResponseError struct {
	// StatusCode is the HTTP status of the answer.
	StatusCode int
	// ContentType is the answer's Content-Type header; may be empty.
	ContentType string
	// Location is where a redirect that was not followed pointed to, without
	// its query; empty for other answers.
	Location string
	// Excerpt is the beginning of the body, on one line; may be empty.
	Excerpt string
	// Reason says what was wrong with the answer.
	Reason string
	// Method and Path say which request was answered so.
	Method, Path string
	// RetryAfter is how long the server asked to wait; 0 where it did not.
	RetryAfter time.Duration
	// askedToRetry: there was a valid Retry-After, which may say 0.
	askedToRetry bool
}

// Error is one line with all that is known of the answer.
func (e *UnexpectedResponseError) Error() string {
	var b strings.Builder

	fmt.Fprintf(&b, "%s %s: %s (HTTP status %d", e.Method, e.Path, e.Reason, e.StatusCode)

	if e.ContentType != "" {
		fmt.Fprintf(&b, ", content type %q", e.ContentType)
	}

	if e.Location != "" {
		fmt.Fprintf(&b, ", redirect to %q", e.Location)
	}

	if e.Excerpt != "" {
		fmt.Fprintf(&b, ", body begins %q", e.Excerpt)
	} else {
		b.WriteString(", empty body")
	}

	b.WriteString(")")

	return b.String()
}

// Is supports errors.Is: whoever answers 401 or 403, the request was refused
// for its credentials. There is no ErrNotFound here, on purpose.
func (e *UnexpectedResponseError) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden
	}

	return false
}

// isMissingAPI tells whether err is how a server answers that does not have
// the path at all: 404 or 405 without the API's envelope.
func isMissingAPI(err error) bool {
	var unexpected *UnexpectedResponseError

	return errors.As(err, &unexpected) &&
		(unexpected.StatusCode == http.StatusNotFound || unexpected.StatusCode == http.StatusMethodNotAllowed)
}

// MissingAPIError says that the server has neither the API that answers for
// one item nor the list that could stand in for it.
type MissingAPIError struct {
	// API names what the server lacks, as "GET /api/…".
	API string
	// Err is the answer to the last request that was tried.
	Err error
}

// Error names the missing API and the answer that was had instead.
func (e *MissingAPIError) Error() string {
	return fmt.Sprintf("the server lacks %s: %v", e.API, e.Err)
}

// Unwrap gives the answer that was had instead.
func (e *MissingAPIError) Unwrap() error { return e.Err }

// RequestError says that a request got no answer: the connection could not be
// made or broke, or the answer did not arrive in time or whole.
type RequestError struct {
	// Method and Path say which request it was.
	Method, Path string
	// Attempts is how often it was sent or tried, at least 1.
	Attempts int
	// Sent is false only where it is certain that no attempt reached the server.
	Sent bool
	// Last is what the attempt before the one that ended it all came to, such as
	// "HTTP status 502"; empty where there was none.
	Last string
	// Err is the cause, as net/http reports it.
	Err error
}

// Error is one line with the request, the number of attempts and the cause.
func (e *RequestError) Error() string {
	if e.Attempts > 1 {
		return fmt.Sprintf("%s %s: no answer in %d attempts: %v%s", e.Method, e.Path, e.Attempts, e.Err, e.before())
	}

	return fmt.Sprintf("%s %s: no answer: %v%s", e.Method, e.Path, e.Err, e.before())
}

func (e *RequestError) before() string {
	if e.Last == "" {
		return ""
	}

	return " (the attempt before ended with: " + e.Last + ")"
}

// Unwrap gives the cause.
func (e *RequestError) Unwrap() error { return e.Err }

// ConfigError says which setting of a Config is unusable.
type ConfigError struct {
	// Field is the name of the Config's field, such as "Endpoint".
	Field string
	// Err says what is wrong and what is expected. It never contains a secret.
	Err error
}

// Error names the field and the problem.
func (e *ConfigError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap gives the problem.
func (e *ConfigError) Unwrap() error { return e.Err }
