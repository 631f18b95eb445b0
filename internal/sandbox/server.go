package sandbox

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// ErrClosed is what the waiting methods return when the server is closed.
var ErrClosed = errors.New("the sandbox server is closed")

// Server is an in-memory Permission Assist server. Make one with New and close
// it with Close. Its methods can be called by several goroutines at once, but
// not from inside the functions given to UpdateApplication and UpdateImport.
type Server struct {
	onRequest func(Request)
	retention bool
	tokenName string
	done      chan struct{}  // closed by Close
	work      sync.WaitGroup // the build job and work that is done late

	// mu guards everything below. A request is worked on with mu held, so that
	// its answer shows the state it left.
	mu           sync.Mutex
	changed      chan struct{} // closed and replaced whenever something changed
	closed       bool
	token        string
	dialect      Dialect
	applications []*Application // in the order they were added
	imports      []*Import      // by number, ascending
	lastNumber   int64
	buildTime    time.Duration
	held         bool
	building     *Import   // what the build job is at
	buildDue     time.Time // when that is ready
	requests     []*Request
	counts       map[Operation]int

	faultsMu sync.Mutex // held while Fault.When runs, which may use the server
	faults   []*Injected
}

var _ http.Handler = (*Server)(nil)

// New returns a server whose build job runs already.
func New(o Options) *Server {
	s := &Server{
		onRequest: o.OnRequest,
		retention: o.Retention,
		tokenName: cmp.Or(o.TokenName, DefaultTokenName),
		done:      make(chan struct{}),
		changed:   make(chan struct{}),
		token:     cmp.Or(o.Token, DefaultToken),
		dialect:   o.Dialect,
		buildTime: o.BuildTime,
		counts:    map[Operation]int{},
	}
	for _, a := range o.Applications {
		s.AddApplication(a)
	}
	s.work.Go(s.runBuilds)
	return s
}

// Close stops the build job, releases hanging requests, drops work that was to
// be done late, and returns when the server has no goroutine left. It can be
// called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
	}
	s.mu.Unlock()
	s.work.Wait()
}

// SetToken makes token the only one that is accepted, from the next request on;
// with "" none is, as when an administrator has deleted it.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

// SetDialect changes the form of the answers from the next one on.
func (s *Server) SetDialect(d Dialect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialect = d
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.receive(r)
	x := &exchange{server: s, w: w, gone: r.Context().Done(), call: c, record: s.addRequest(c.request)}
	if s.onRequest != nil {
		defer func() { s.onRequest(s.requestNow(x.record)) }()
	}
	if f := s.pickFault(c.request.clone()); f != nil {
		x.spoil(f)
		return
	}
	x.send(x.process())
}

// later has f done after d, unless the server is closed before.
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

// pause waits and reports whether the whole time passed before gone or the
// server was closed.
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

// notify wakes the build job and whoever waits for something. mu is held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// await waits until holds, which is called with mu held, reports true.
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
			return ErrClosed
		}
	}
}
