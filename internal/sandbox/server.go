// Package sandbox is an in-memory Permission Assist server. Unit tests,
// lifecycle tests with a real Terraform and the demo run against it.
//
// It follows the vendor's public API documentation (docs.sycorr.com,
// /latest/api/…) and has its own wire types, written from that documentation
// and not shared with the client: a wrong JSON name must not pass because both
// sides share it. If the pages are silent or contradict each other, a [Dialect]
// selects the variant.
//
// A [Server] is a [net/http.Handler]. It runs one background job that builds
// the staged imports one at a time, like the product; it records requests; and
// with [Server.Inject] it fails the way networks, proxies and overloaded
// servers fail.
//
// The package uses the plain clock of package time and waits on channels only,
// so that it can run inside a testing/synctest bubble.
package sandbox

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

var errClosed = errors.New("the sandbox server is closed")

// Server is an in-memory Permission Assist server. Create it with New and close
// it with Close. Its methods are safe for concurrent use, but must not be
// called from the functions passed to UpdateApplication and the like.
type Server struct {
	onRequest func(Request)
	tokenName string
	done      chan struct{}  // closed by Close
	work      sync.WaitGroup // the build job and delayed requests

	// mu guards everything below. A request is handled with mu held, so that
	// its response shows the state it left behind.
	mu           sync.Mutex
	changed      chan struct{} // closed and replaced whenever something changed
	closed       bool
	token        string
	dialect      Dialect
	applications table[Application] // in the order they were added
	imports      table[Import]      // by number, ascending
	lastNumber   int64
	lastTicket   int64 // the highest number of an access request or a personnel event
	// People and what happens to them, in the order they were added.
	identities      table[Identity]
	accessRequests  table[AccessRequest]
	personnelEvents table[PersonnelEvent]
	buildTime       time.Duration
	held            bool
	building        *Import   // the import that the build job works on
	buildDue        time.Time // when that import is done
	requests        []*Request

	faultsMu sync.Mutex // held while Fault.When runs, which may use the server
	faults   []*Injected
}

var _ http.Handler = (*Server)(nil)

// New returns a server with a running build job.
func New(o Options) *Server {
	s := &Server{
		onRequest: o.OnRequest,
		tokenName: cmp.Or(o.TokenName, "sandbox"),
		done:      make(chan struct{}),
		changed:   make(chan struct{}),
		token:     cmp.Or(o.Token, DefaultToken),
		dialect:   o.Dialect,
		buildTime: o.BuildTime,

		applications:    table[Application]{id: func(a *Application) *string { return &a.ID }},
		imports:         table[Import]{id: func(i *Import) *string { return &i.ID }},
		identities:      table[Identity]{id: func(i *Identity) *string { return &i.ID }},
		accessRequests:  table[AccessRequest]{id: func(r *AccessRequest) *string { return &r.ID }},
		personnelEvents: table[PersonnelEvent]{id: func(e *PersonnelEvent) *string { return &e.ID }},
	}
	for _, a := range o.Applications {
		s.AddApplication(a)
	}
	s.work.Go(s.runBuilds)
	return s
}

// Close stops the build job, releases hanging requests, drops delayed requests,
// and returns when all goroutines have ended. It can be called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
	}
	s.mu.Unlock()
	s.work.Wait()
}

// SetToken replaces the accepted token. With "", every token is rejected, as if
// an administrator had deleted it.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

// SetDialect changes the form of later responses.
func (s *Server) SetDialect(d Dialect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialect = d
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.pickHalfUpload(r)
	c := s.receive(r)
	if f != nil {
		c.refused = nil
	}
	x := &exchange{server: s, w: w, gone: r.Context().Done(), call: c, record: s.addRequest(c.request)}
	if s.onRequest != nil {
		defer func() { s.onRequest(x.recordNow()) }()
	}
	if f == nil {
		f = s.pickFault(c.request, false)
	}
	if f != nil {
		x.applyFault(f)
		return
	}
	x.send(x.process())
}

// pickHalfUpload returns the fault that hits half of an upload, or nil, and
// lets only that half be read.
func (s *Server) pickHalfUpload(r *http.Request) *Fault {
	route := findRoute(r.Method, r.URL.Path)
	if route.op != OpUpload {
		return nil
	}
	f := s.pickFault(Request{Operation: route.op, Method: r.Method, Path: r.URL.Path}, true)
	if f != nil {
		r.Body = io.NopCloser(io.LimitReader(r.Body, r.ContentLength/2))
	}
	return f
}

// later runs f after d, unless the server is closed first.
func (s *Server) later(d time.Duration, f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return // Close may be waiting already, so nothing may be added
	}
	s.work.Go(func() {
		if s.pause(nil, d) {
			f()
		}
	})
}

// pause waits for d and reports whether d passed before gone or the server was
// closed.
func (s *Server) pause(gone <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-gone:
	case <-s.done:
	}
	return false
}

// notify wakes the build job and all waiting callers. mu is held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// await waits until holds, called with mu held, returns true.
func (s *Server) await(ctx context.Context, holds func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := holds(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.done:
			return errClosed
		}
	}
}
