// Package sandboxtest starts sandbox servers for tests. It is separate from
// package sandbox to keep package testing out of the sandbox program.
package sandboxtest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Start starts a server on a port of the loopback interface and returns it with
// its base URL. It is closed when the test ends.
func Start(tb testing.TB, o sandbox.Options) (*sandbox.Server, string) {
	tb.Helper()
	s, httpServer := start(tb, o, (*httptest.Server).Start)
	return s, httpServer.URL
}

// StartTLS is Start with TLS, and HTTP/2 for clients that want it. It also
// returns the certificate to trust, in PEM form.
func StartTLS(tb testing.TB, o sandbox.Options) (s *sandbox.Server, url string, caPEM []byte) {
	tb.Helper()
	s, httpServer := start(tb, o, (*httptest.Server).StartTLS)
	return s, httpServer.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: httpServer.Certificate().Raw})
}

// Trusting returns the configuration of a client that trusts the certificate
// that StartTLS returns.
func Trusting(caPEM []byte) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(caPEM)
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

func start(tb testing.TB, o sandbox.Options, begin func(*httptest.Server)) (*sandbox.Server, *httptest.Server) {
	tb.Helper()
	s := sandbox.New(o)
	httpServer := httptest.NewUnstartedServer(s)
	// Some tests provoke failed TLS handshakes; do not log them.
	httpServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	httpServer.EnableHTTP2 = true
	begin(httpServer)
	// The sandbox is closed first: that releases hanging requests, which the HTTP
	// server waits for.
	tb.Cleanup(func() {
		s.Close()
		httpServer.CloseClientConnections()
		httpServer.Close()
	})
	return s, httpServer
}
