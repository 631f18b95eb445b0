// Package sandboxtest starts sandbox servers for tests. It is separate from
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
	httpServer := newHTTPServer(s)
	httpServer.Start()
	stopAfter(tb, s, httpServer)
	return s, httpServer.URL
}

// StartTLS is Start with TLS, and HTTP/2 for clients that want it. It also
// returns the certificate to trust, in PEM form.
func StartTLS(tb testing.TB, o sandbox.Options) (s *sandbox.Server, url string, caPEM []byte) {
	tb.Helper()
	s = sandbox.New(o)
	httpServer := newHTTPServer(s)
	httpServer.EnableHTTP2 = true
	httpServer.StartTLS()
	stopAfter(tb, s, httpServer)
	caPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: httpServer.Certificate().Raw})
	return s, httpServer.URL, caPEM
}

func newHTTPServer(s *sandbox.Server) *httptest.Server {
	httpServer := httptest.NewUnstartedServer(s)
	// Some tests provoke failed TLS handshakes; do not log them.
	httpServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	return httpServer
}

// stopAfter closes the sandbox first: that releases hanging requests, which the
// HTTP server waits for.
func stopAfter(tb testing.TB, s *sandbox.Server, httpServer *httptest.Server) {
	tb.Helper()
	tb.Cleanup(func() {
		s.Close()
		httpServer.CloseClientConnections()
		httpServer.Close()
	})
}

// StartPipe starts a server and returns a transport that connects to it in
// memory, at PipeURL or any other http URL. A goroutine that waits on such a
// connection is durably blocked in the sense of testing/synctest, so clients
// can be tested in a bubble, without real timeouts. HTTP/1 only.
func StartPipe(tb testing.TB, o sandbox.Options) (*sandbox.Server, *http.Transport) {
	tb.Helper()
	s := sandbox.New(o)
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	httpServer := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := httpServer.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			tb.Errorf("serving the sandbox: %v", err)
		}
	}()
	transport := &http.Transport{DialContext: l.dial}
	tb.Cleanup(func() {
		s.Close()
		transport.CloseIdleConnections()
		if err := httpServer.Close(); err != nil {
			tb.Errorf("closing the sandbox: %v", err)
		}
		<-served
	})
	return s, transport
}

// pipeListener accepts the server's ends of the connections that it dials.
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

// Addr returns a placeholder.
func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
