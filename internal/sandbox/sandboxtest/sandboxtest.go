// Package sandboxtest starts sandbox servers for tests. It stands apart from
// package sandbox to keep package testing out of the sandbox program.
package sandboxtest

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// PipeURL is the base URL of servers started with StartPipe.
const PipeURL = "http://sandbox.test"

// Start starts a server on a port of the loopback interface and returns it with
// its base URL. It is closed when the test ends.
func Start(tb testing.TB, o sandbox.Options) (*sandbox.Server, string) {
	tb.Helper()
	s := sandbox.New(o)
	front := newFront(s)
	front.Start()
	stopAfter(tb, s, front)
	return s, front.URL
}

// StartTLS is Start with TLS, and HTTP/2 for clients that want it. It also
// returns the certificate to trust, in PEM form.
func StartTLS(tb testing.TB, o sandbox.Options) (s *sandbox.Server, url string, caPEM []byte) {
	tb.Helper()
	s = sandbox.New(o)
	front := newFront(s)
	front.EnableHTTP2 = true
	front.StartTLS()
	stopAfter(tb, s, front)
	caPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	return s, front.URL, caPEM
}

func newFront(s *sandbox.Server) *httptest.Server {
	front := httptest.NewUnstartedServer(s)
	// Refused TLS handshakes are what some tests are about; they are no news.
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	return front
}

// stopAfter closes the sandbox first: it releases the requests that hang, which
// the HTTP server waits for.
func stopAfter(tb testing.TB, s *sandbox.Server, front *httptest.Server) {
	tb.Helper()
	tb.Cleanup(func() {
		s.Close()
		front.CloseClientConnections()
		front.Close()
	})
}

// StartPipe starts a server that is reached through the returned transport,
// over connections in memory, at PipeURL (any other http URL does, too). Being
// blocked on those is being blocked in the sense of testing/synctest, so clients
// can be tested in a bubble, where time-outs take no time. HTTP/1 only.
func StartPipe(tb testing.TB, o sandbox.Options) (*sandbox.Server, *http.Transport) {
	tb.Helper()
	s := sandbox.New(o)
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	front := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := front.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			tb.Errorf("serving the sandbox: %v", err)
		}
	}()
	transport := &http.Transport{DialContext: l.dial}
	tb.Cleanup(func() {
		s.Close()
		transport.CloseIdleConnections()
		if err := front.Close(); err != nil {
			tb.Errorf("closing the sandbox: %v", err)
		}
		<-served
	})
	return s, transport
}

// pipeListener accepts the other ends of the connections it dials.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Accept waits for the next connection.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close makes Accept and dial fail. It can be called more than once.
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns an address for the records only.
func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
