package sandbox

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
)

// The documented error codes that the server sends. Tests send others with the
// Envelope action.
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

func jsonResponse(status int, v any) response {
	return response{
		status: status,
		header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		body:   raw(v),
	}
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

// pageSize is fixed by the API; clients cannot change it.
const pageSize = 50

// pageOf returns one page of all. An invalid page number means 1, and a page
// past the end is empty: the pages document no error for either.
func pageOf[T any](d Dialect, query url.Values, all []T, item func(T) any) response {
	number, err := strconv.Atoi(query.Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	pages := (len(all) + pageSize - 1) / pageSize
	body := wirePage{
		Items: []any{}, TotalCount: len(all), Page: number, PageSize: pageSize, TotalPages: pages,
		wireExtra: d.extra(),
	}
	if number <= pages { // also keeps the product below from overflowing
		first := (number - 1) * pageSize
		for _, v := range all[first:min(first+pageSize, len(all))] {
			body.Items = append(body.Items, item(v))
		}
	}
	return jsonResponse(http.StatusOK, body)
}

// one returns the record that the path names.
func one[T any](c *call, t *table[T], kind string, wire func(*T) any) response {
	record := t.find(c.route.id)
	if record == nil {
		return notFound(kind, c.route.id)
	}
	return jsonResponse(http.StatusOK, wire(record))
}
