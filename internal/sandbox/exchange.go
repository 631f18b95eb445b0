package sandbox

import (
	"cmp"
	"maps"
	"net/http"
	"strconv"
)

// exchange is a request on its way to an answer.
type exchange struct {
	server *Server
	w      http.ResponseWriter
	gone   <-chan struct{} // closed when the client gives up
	call   *call
	record *Request // guarded by server.mu
	result *answer  // what process returned; only the serving goroutine uses it
}

// process has the API handle the request, and returns its answer.
func (x *exchange) process() answer {
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	a := x.server.handle(x.call)
	x.record.Processed = true
	return a
}

// spoil gives the client a fault instead of the answer.
func (x *exchange) spoil(f *Fault) {
	action := f.Action
	if action.run == nil {
		action = CloseConnection()
	}
	x.server.mu.Lock()
	x.record.Fault = cmp.Or(f.Name, action.name)
	x.server.mu.Unlock()

	if f.Processed && !action.passesOn && f.Late > 0 {
		// Deferred, because most actions end in a panic.
		defer x.server.later(f.Late, func() { x.process() })
	} else if f.Processed {
		x.realAnswer()
	}
	action.run(x)
}

// realAnswer returns the API's answer, for which the request is handled once.
func (x *exchange) realAnswer() answer {
	if x.result == nil {
		a := x.process()
		x.result = &a
	}
	return *x.result
}

// note records what the client is about to get. It comes before the first byte
// is written, so that whoever has an answer also finds it in the record.
func (x *exchange) note(a answer) {
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	x.record.Status, x.record.CorrelationID = a.status, a.correlationID
}

// start writes everything that comes before the body.
func (x *exchange) start(a answer) {
	x.note(a)
	maps.Copy(x.w.Header(), a.header)
	x.w.WriteHeader(a.status)
}

// send writes an answer and sees to it that it leaves.
func (x *exchange) send(a answer) {
	a.header = a.header.Clone()
	if a.header == nil {
		a.header = http.Header{}
	}
	if a.status >= http.StatusOK && a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	x.start(a)
	x.write(a.body)
}

// write writes a piece of the body, flushes it, and reports whether the client
// is still there.
func (x *exchange) write(b []byte) bool {
	if _, err := x.w.Write(b); err != nil {
		return false
	}
	return http.NewResponseController(x.w).Flush() == nil
}

// abort ends the connection (HTTP/1) or the stream (HTTP/2) as if the server
// had gone.
func (x *exchange) abort() { panic(http.ErrAbortHandler) }
