package sandbox

import (
	"fmt"
	"html"
	"net/http"
)

// The error codes of the API's documentation that the server answers by itself.
// The others (forbidden, server_error) can be had with the Envelope action.
const (
	codeValidation     = "validation_error"
	codeUnauthorized   = "unauthorized"
	codeNotFound       = "not_found"
	codeConflict       = "conflict"
	codeUnprocessable  = "unprocessable_entity"
	codeServerError    = "server_error"
	codeCreationFailed = "creation_failed"
)

// answer is an answer before it is sent.
type answer struct {
	status        int
	header        http.Header
	body          []byte
	correlationID string
}

// envelope returns an error as the API answers it, with a correlation ID of its
// own. fields are only there for validation errors.
func envelope(status int, code, message string, fields ...wireFieldError) answer {
	id := newCorrelationID()
	a := jsonAnswer(status, wireError{Error: code, Message: message, CorrelationID: id, Errors: fields})
	a.correlationID = id
	return a
}

func invalid(message string) answer {
	return envelope(http.StatusBadRequest, codeValidation, message)
}

func invalidField(field, message string) answer {
	return envelope(http.StatusBadRequest, codeValidation, "One or more validation errors occurred",
		wireFieldError{Field: field, Message: message})
}

func unprocessable(message string) answer {
	return envelope(http.StatusUnprocessableEntity, codeUnprocessable, message)
}

func notFound(what, id string) answer {
	return envelope(http.StatusNotFound, codeNotFound, fmt.Sprintf("%s with id %s not found", what, id))
}

// page returns the HTML page a web server in front of the API answers with.
func page(status int) answer {
	title := html.EscapeString(fmt.Sprintf("%d - %s", status, http.StatusText(status)))
	return answer{
		status: status,
		header: http.Header{"Content-Type": {"text/html"}, "Server": {"Microsoft-IIS/10.0"}},
		body: []byte("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\">\r\n" +
			"<html><head><title>" + title + "</title></head>\r\n" +
			"<body><h1>Server Error</h1><h2>" + title + "</h2></body></html>\r\n"),
	}
}
