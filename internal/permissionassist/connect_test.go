package permissionassist

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// net.Dialer divides its timeout between the addresses of a name. With the
// timeout of an attempt, a dead first address would leave no time for the
// second one.
func TestDialer_secondAddress(t *testing.T) {
	t.Parallel()

	for _, attempt := range []time.Duration{time.Second, DefaultRequestTimeout, time.Hour} {
		if d := newDialer(attempt); d.Timeout <= 0 || d.Timeout > attempt/2 || d.Timeout > 10*time.Second {
			t.Errorf("an attempt of %s has %s to connect", attempt, d.Timeout)
		}
	}
}

// A dial that times out is not the end of the caller's context.
func TestAttempt_dialTimeout(t *testing.T) {
	t.Parallel()

	timeout := &net.OpError{Op: "dial", Err: context.DeadlineExceeded}
	rt := roundTripper(func(*http.Request) (*http.Response, error) { return nil, timeout })
	err := getApplication(t.Context(), newClient(t, withTransport(rt), maxRetries(0)))
	if request := wantErrorAs[*RequestError](t, err); errors.Is(err, context.DeadlineExceeded) || request.Connected {
		t.Errorf("the error is %v", err)
	}
}

// newHTTP2Server starts a server that responds to each request with a frame of
// refuse. It counts the requests that it received completely.
func newHTTP2Server(t *testing.T, refuse func(f *http2.Framer, stream uint32) error) (server *httptest.Server, requests *atomic.Int64) {
	t.Helper()
	requests = &atomic.Int64{}
	serveConn := func(_ *http.Server, conn *tls.Conn, _ http.Handler) {
		defer func() { _ = conn.Close() }()
		if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
			return
		}
		framer := http2.NewFramer(conn, conn)
		_ = framer.WriteSettings()
		for {
			frame, err := framer.ReadFrame()
			if err != nil {
				return
			}
			if f, ok := frame.(*http2.SettingsFrame); ok && !f.IsAck() {
				_ = framer.WriteSettingsAck()
			}
			if f, ok := frame.(interface{ StreamEnded() bool }); ok && f.StreamEnded() {
				requests.Add(1)
				_ = refuse(framer, frame.Header().StreamID)
			}
		}
	}
	return serveTLS(t, nil, func(s *httptest.Server) {
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}}
		s.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){"h2": serveConn}
	}), requests
}

// A server that refuses each request with GOAWAY gets a few connections, not
// hundreds.
func TestAttempt_goAway(t *testing.T) {
	t.Parallel()

	server, requests := newHTTP2Server(t, func(f *http2.Framer, _ uint32) error { return f.WriteGoAway(0, http2.ErrCodeNo, nil) })
	c := newSocketClient(t, server.URL, trusting(certificateOf(server)), requestTimeout(3*time.Second))
	wantErrorIs(t, getApplication(t.Context(), c), errTooManyConnections)
	if n := requests.Load(); n > maxConnections+1 {
		t.Errorf("%d requests arrived", n)
	}
}

// net/http repeats a request by itself if the server resets its stream with
// certain codes. A server that has processed a POST may do that too.
func TestAttempt_streamReset(t *testing.T) {
	t.Parallel()

	for _, code := range []http2.ErrCode{http2.ErrCodeProtocol, http2.ErrCodeRefusedStream, http2.ErrCodeInternal} {
		server, requests := newHTTP2Server(t, func(f *http2.Framer, stream uint32) error { return f.WriteRSTStream(stream, code) })
		err := stageImport(t.Context(), newSocketClient(t, server.URL, trusting(certificateOf(server))))
		if request := wantErrorAs[*RequestError](t, err); !request.Connected || requests.Load() != 1 {
			t.Errorf("%s: %d requests arrived, want 1: %+v", code, requests.Load(), request)
		}
	}
}

// Every kind of broken connection mentions the client certificate that the
// server has requested, or did not request.
func TestTLS_brokenConnection(t *testing.T) {
	t.Parallel()

	certDER, keyDER := testPair(t)
	for name, breakOff := range map[string]func(net.Conn){
		"closed": func(conn net.Conn) { _ = conn.Close() },
		"reset": func(conn net.Conn) {
			tcp, _ := conn.(*tls.Conn).NetConn().(*net.TCPConn)
			_ = tcp.SetLinger(0)
			_ = tcp.Close()
		},
		"half a response": func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
			_ = conn.Close()
		},
	} {
		for _, requests := range []tls.ClientAuthType{tls.NoClientCert, tls.RequestClientCert} {
			for _, configured := range []bool{false, true} {
				server := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
						go breakOff(conn)
					}
				}), func(s *httptest.Server) { s.TLS = &tls.Config{ClientAuth: requests, MinVersion: tls.VersionTLS12} })
				change := []func(*Config){trusting(certificateOf(server)), requestTimeout(5 * time.Second)}
				if configured {
					change = append(change, withPair(t, certDER, keyDER))
				}
				c := newSocketClient(t, server.URL, change...)
				asked := requests == tls.RequestClientCert
				request := wantErrorAs[*RequestError](t, getApplication(t.Context(), c))
				if request.CertificateMissing != (asked && !configured) || request.CertificateUnused != (!asked && configured) {
					t.Errorf("%s, requested %t, configured %t: %+v", name, asked, configured, request)
				}
			}
		}
	}
}

// A server may request a configured certificate after the handshake, which
// HTTP/2 does not allow.
func TestTLS_renegotiation(t *testing.T) {
	t.Parallel()

	certDER, keyDER := testPair(t)
	for _, configured := range []bool{false, true} {
		change := func(*Config) {}
		if configured {
			change = withPair(t, certDER, keyDER)
		}
		transport, _ := newSocketClient(t, testEndpoint, change).transport.(*http.Transport)
		once := transport.TLSClientConfig.Renegotiation == tls.RenegotiateOnceAsClient
		if once != configured || (transport.Protocols == nil || transport.Protocols.HTTP2()) == configured {
			t.Errorf("configured %t: %+v", configured, transport)
		}
	}
}
