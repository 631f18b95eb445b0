package sandboxtest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
)

// InProcess is an http.RoundTripper that calls a handler without a connection.
// A waiting request waits on channels only, so that testing/synctest considers
// it durably blocked.
type InProcess struct {
	Handler http.Handler
}

// RoundTrip implements http.RoundTripper.
func (p *InProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	defer func() {
		if req.Body != nil {
			_ = req.Body.Close()
		}
	}()

	ctx := req.Context()
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}

	in := req.Clone(ctx)
	in.RequestURI, in.Host = req.URL.RequestURI(), req.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}

	rec := httptest.NewRecorder()
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		p.Handler.ServeHTTP(rec, in)
	}()

	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case broken := <-done:
		return received(req, rec, broken)
	}
}

// received returns the part of the response that the client receives; broken is
// the handler's panic, if any.
func received(req *http.Request, rec *httptest.ResponseRecorder, broken any) (*http.Response, error) {
	err, ok := broken.(error)
	aborted := ok && errors.Is(err, http.ErrAbortHandler)

	switch {
	case broken != nil && !aborted:
		panic(broken)
	case aborted && !rec.Flushed:
		return nil, io.EOF
	}

	resp := rec.Result()
	resp.Request = req
	if aborted {
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, brokenReader{}))
	}
	return resp, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
