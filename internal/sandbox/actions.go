package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Action replaces the API's response. Create one with the functions in this
// file.
type Action struct {
	needsResponse bool // needs the API's response, so the request is always handled
	run           func(*exchange)
}

// CloseConnection closes the connection without a response. If the connection
// was used before, Go's transport repeats a GET, so one GET can be recorded
// more than once.
func CloseConnection() Action { return Action{run: (*exchange).abort} }

// HalfResponse announces the whole response, sends half of its body and closes
// the connection. If the request was not handled, it sends half of an import.
func HalfResponse() Action {
	return Action{run: func(x *exchange) {
		a := jsonResponse(http.StatusCreated, Dialect{}.importWhole(&Import{ID: newGUID(), Number: 1, Status: StatusPending}, nil))
		if x.result != nil {
			a = *x.result
		}
		a.header = a.header.Clone()
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
		x.start(a)
		x.write(a.body[:len(a.body)/2])
		x.abort()
	}}
}

// respond sends what next returns for each request.
func respond(next func() response) Action {
	return Action{run: func(x *exchange) { x.send(next()) }}
}

// Respond sends another response, such as a proxy's error page. If contentType
// is empty, there is no Content-Type header. header are lines like "Via: 1.1
// proxy".
func Respond(status int, contentType, body string, header ...string) Action {
	h := http.Header{"Content-Type": nil} // keeps net/http from guessing one
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ":")
		h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return respond(func() response { return response{status: status, header: h, body: []byte(body)} })
}

// LoginPage responds with 200 and an HTML form, like a proxy that requires
// users to sign in.
func LoginPage() Action {
	return Respond(http.StatusOK, "text/html; charset=utf-8", `<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><form method="post" action="/login"><input name="user"><input name="password" type="password"></form></body></html>
`)
}

// Envelope responds with the API's error envelope and a new correlation ID.
func Envelope(status int, code, message string) Action {
	return respond(func() response { return envelope(status, code, message) })
}

// RetryAfter responds with an error and a Retry-After header: value is a number
// of seconds or an HTTP date. The body is the API's envelope or an HTML page.
func RetryAfter(status int, value string, withEnvelope bool) Action {
	return respond(func() response {
		a := page(status)
		if withEnvelope {
			a = envelope(status, codeServerError, "The server is busy")
		}
		a.header.Set("Retry-After", value)
		return a
	})
}

// Redirect responds with a redirect to location, which can be relative.
func Redirect(status int, location string) Action {
	return Respond(status, "", "", "Location: "+location)
}

// Hang does not respond until the client gives up or the server is closed.
func Hang() Action {
	return Action{run: func(x *exchange) {
		select {
		case <-x.gone:
		case <-x.server.done:
		}
		x.abort()
	}}
}

// Delay waits and then sends the API's response. Without Fault.Processed, the
// request is handled after the wait, unless the client gives up or the server
// is closed first.
func Delay(d time.Duration) Action {
	return Action{needsResponse: true, run: func(x *exchange) {
		if !x.server.pause(x.gone, d) {
			x.abort()
		}
		x.send(x.apiResponse())
	}}
}

// Rewrite lets the API handle the request and sends the response that change
// returns.
func Rewrite(change func(status int, body []byte) (int, []byte)) Action {
	return Action{needsResponse: true, run: func(x *exchange) {
		a := x.apiResponse()
		a.status, a.body = change(a.status, slices.Clone(a.body))
		x.send(a)
	}}
}
