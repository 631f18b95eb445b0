package sandbox

import (
	"fmt"
	"html"
	"net/http"
)

// The documented error codes that the server sends. Tests send others with the Envelope
// action.
const (
	codeValidation     = "validation_error"
	codeUnauthorized   = "unauthorized"
	codeForbidden      = "forbidden"
	codeNotFound       = "not_found"
	codeConflict       = "conflict"
	codeUnprocessable  = "unprocessable_entity"
	codeServerError    = "server_error"
	codeCreationFailed = "creation_failed"
)

type response struct {
	status        int
	header        http.Header
	body          []byte
	correlationID string
}

// envelope returns the API's error response with a new correlation ID. Only
// validation errors have fields.
func envelope(status int, code, message string, fields ...wireFieldError) response {
	id := newCorrelationID()
	a := jsonResponse(status, wireError{Error: code, Message: message, CorrelationID: id, Errors: fields})
	a.correlationID = id
	return a
}

func invalid(message string) response {
	return envelope(http.StatusBadRequest, codeValidation, message)
}

func invalidField(field, message string) response {
	return envelope(http.StatusBadRequest, codeValidation, "One or more validation errors occurred",
		wireFieldError{Field: field, Message: message})
}

func unprocessable(message string) response {
	return envelope(http.StatusUnprocessableEntity, codeUnprocessable, message)
}

func notFound(what, id string) response {
	return envelope(http.StatusNotFound, codeNotFound, fmt.Sprintf("%s with id %s not found", what, id))
}

// page returns the HTML error page of a web server in front of the API.
func page(status int) response {
	title := html.EscapeString(fmt.Sprintf("%d - %s", status, http.StatusText(status)))
	return response{
		status: status,
		header: http.Header{"Content-Type": {"text/html"}, "Server": {"Microsoft-IIS/10.0"}},
		body: []byte("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\">\r\n" +
			"<html><head><title>" + title + "</title></head>\r\n" +
			"<body><h1>Server Error</h1><h2>" + title + "</h2></body></html>\r\n"),
	}
}
