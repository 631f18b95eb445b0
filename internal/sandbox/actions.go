package sandbox

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Action is what a client gets instead of the API's answer. Make one with the
// functions in this file.
type Action struct {
	name     string
	passesOn bool // it needs the API's answer, so the request is handled
	run      func(*exchange)
}

// CloseConnection closes the connection without an answer. Go's own transport
// repeats a GET by itself if that befalls a connection that was used before, so
// one such request can be recorded more than once.
func CloseConnection() Action {
	return Action{name: "CloseConnection", run: func(x *exchange) { x.abort() }}
}

// HalfAnswer announces the whole answer, sends half of its body and closes the
// connection. If the request was not handled, the answer is made up.
func HalfAnswer() Action {
	return Action{name: "HalfAnswer", run: func(x *exchange) {
		a := x.madeUp()
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

// madeUp returns an answer as it could be if the request had been handled.
func (x *exchange) madeUp() answer {
	i := Import{ID: newGUID(), Number: 1, Type: TypeAPI, Status: StatusPending, CreatedBy: x.server.tokenName}
	return jsonAnswer(x.goodStatus(), Dialect{}.importWhole(&i, nil))
}

// goodStatus is the one the operation has when all is well.
func (x *exchange) goodStatus() int {
	if op := x.call.route.op; op == OpStage || op == OpUpload {
		return http.StatusCreated
	}
	return http.StatusOK
}

// Answer answers something else, such as a proxy's error page. With an empty
// contentType there is no such header. header are lines like "Via: 1.1 proxy".
func Answer(status int, contentType, body string, header ...string) Action {
	h := http.Header{"Content-Type": nil} // keeps net/http from guessing one
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ":")
		h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return Action{name: "Answer" + strconv.Itoa(status), run: func(x *exchange) {
		x.send(answer{status: status, header: h, body: []byte(body)})
	}}
}

// LoginPage answers 200 with an HTML form, as a proxy does that wants people to
// sign in first.
func LoginPage() Action {
	a := Answer(http.StatusOK, "text/html; charset=utf-8", `<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><form method="post" action="/login"><input name="user"><input name="password" type="password"></form></body></html>
`)
	a.name = "LoginPage"
	return a
}

// Envelope answers an error of the API's own, with a fresh correlation ID.
func Envelope(status int, code, message string) Action {
	return Action{name: "Envelope" + strconv.Itoa(status), run: func(x *exchange) {
		x.send(envelope(status, code, message))
	}}
}

// RetryAfter answers an error with a Retry-After header: value is a number of
// seconds or an HTTP date. The body is the API's envelope or an HTML page.
func RetryAfter(status int, value string, withEnvelope bool) Action {
	return Action{name: "RetryAfter" + strconv.Itoa(status), run: func(x *exchange) {
		a := page(status)
		if withEnvelope {
			a = envelope(status, codeServerError, "The server is busy")
		}
		a.header.Set("Retry-After", value)
		x.send(a)
	}}
}

// Hang does not answer until the client gives up or the server is closed.
func Hang() Action {
	return Action{name: "Hang", run: func(x *exchange) {
		select {
		case <-x.gone:
		case <-x.server.done:
		}
		x.abort()
	}}
}

// Delay waits and then gives the API's answer. Without Fault.Processed the
// request is handled after the wait, and not at all if the client gives up or
// the server is closed meanwhile.
func Delay(d time.Duration) Action {
	return Action{name: "Delay", passesOn: true, run: func(x *exchange) {
		if !x.server.pause(x.gone, d) {
			x.abort()
		}
		x.send(x.realAnswer())
	}}
}

// Redirect sends the client elsewhere. location can be relative.
func Redirect(status int, location string) Action {
	a := Answer(status, "", "", "Location: "+location)
	a.name = "Redirect" + strconv.Itoa(status)
	return a
}

// Flood answers with good status and n bytes of what begins like JSON, without
// announcing their number. A negative n never ends until the client gives up or
// the server is closed.
func Flood(n int64) Action {
	return Action{name: "Flood", run: func(x *exchange) {
		x.start(answer{status: x.goodStatus(), header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}})
		piece := append([]byte(`{"items":[{"name":"`), bytes.Repeat([]byte("x"), 32<<10)...)
		for left := n; left != 0; {
			select {
			case <-x.server.done:
				x.abort()
			default:
			}
			if left > 0 && left < int64(len(piece)) {
				piece = piece[:left]
			}
			if !x.write(piece) {
				x.abort()
			}
			if left > 0 {
				left -= int64(len(piece))
			}
			piece = bytes.Repeat([]byte("x"), 32<<10)
		}
	}}
}

// Rewrite has the request handled and passes what change makes of the API's
// answer to the client.
func Rewrite(change func(status int, body []byte) (int, []byte)) Action {
	return Action{name: "Rewrite", passesOn: true, run: func(x *exchange) {
		a := x.realAnswer()
		a.status, a.body = change(a.status, slices.Clone(a.body))
		x.send(a)
	}}
}
