package sandbox

import (
	"maps"
	"net/http"
	"strconv"
)

// exchange is a request that is being served.
type exchange struct {
	server *Server
	w      http.ResponseWriter
	gone   <-chan struct{} // closed when the client gives up
	call   *call
	record *Request  // guarded by server.mu
	result *response // returned by process; only the serving goroutine uses it
}

// process lets the API handle the request and returns its response.
func (x *exchange) process() response {
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	a := x.server.handle(x.call)
	x.record.Processed = true
	return a
}

// applyFault sends a fault to the client instead of the API's response.
func (x *exchange) applyFault(f *Fault) {
	action := f.Action
	if action.run == nil {
		action = CloseConnection()
	}
	x.server.mu.Lock()
	x.record.Fault = f.Name
	x.server.mu.Unlock()

	if f.Processed && !action.needsResponse && f.Late > 0 {
		// Deferred, because most actions end in a panic.
		defer x.server.later(f.Late, func() { x.process() })
	} else if f.Processed {
		x.apiResponse()
	}
	action.run(x)
}

// apiResponse returns the API's response. The request is handled once.
func (x *exchange) apiResponse() response {
	if x.result == nil {
		a := x.process()
		x.result = &a
	}
	return *x.result
}

// recordNow returns a copy of the record, which a delayed request may still
// change.
func (x *exchange) recordNow() Request {
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	return *x.record
}

// start writes everything that comes before the body.
func (x *exchange) start(a response) {
	// Before the first byte is written: a client with a response also finds it in
	// the record.
	x.server.mu.Lock()
	x.record.Status, x.record.CorrelationID = a.status, a.correlationID
	x.server.mu.Unlock()
	maps.Copy(x.w.Header(), a.header)
	x.w.WriteHeader(a.status)
}

// send writes and flushes a response.
func (x *exchange) send(a response) {
	a.header = a.header.Clone()
	if a.status >= http.StatusOK && a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	x.start(a)
	x.write(a.body)
}

// write writes a piece of the body and flushes it, unless the client is gone.
func (x *exchange) write(b []byte) {
	if _, err := x.w.Write(b); err == nil {
		_ = http.NewResponseController(x.w).Flush()
	}
}

// abort ends the connection (HTTP/1) or the stream (HTTP/2) as if the server
// had crashed.
func (x *exchange) abort() { panic(http.ErrAbortHandler) }
