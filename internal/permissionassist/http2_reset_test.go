package permissionassist

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// resettingServer speaks HTTP/2 and resets the stream of each request after it has
// received it. It counts the requests.
func resettingServer(t *testing.T, code http2.ErrCode) (url string, caPEM []byte, requests *atomic.Int64) {
	t.Helper()

	// Only for its certificate.
	certified := httptest.NewUnstartedServer(http.NotFoundHandler())
	certified.StartTLS()
	t.Cleanup(certified.Close)

	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: certified.TLS.Certificates, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })

	requests = &atomic.Int64{}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go resetStreams(conn, code, requests)
		}
	}()

	return "https://" + listener.Addr().String(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certified.Certificate().Raw}), requests
}

func resetStreams(conn net.Conn, code http2.ErrCode, requests *atomic.Int64) {
	defer func() { _ = conn.Close() }()

	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(conn, preface); err != nil || !bytes.Equal(preface, []byte(http2.ClientPreface)) {
		return
	}
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if framer.WriteSettings() != nil {
		return
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				_ = framer.WriteSettingsAck()
			}
		case *http2.DataFrame:
			if f.StreamEnded() {
				requests.Add(1)
				_ = framer.WriteRSTStream(f.StreamID, code)
			}
		}
	}
}

// net/http repeats a request by itself if the server resets its stream with
// certain codes. A server that has processed a POST may do that too.
func TestStage_streamReset(t *testing.T) {
	t.Parallel()

	for _, code := range []http2.ErrCode{http2.ErrCodeProtocol, http2.ErrCodeRefusedStream, http2.ErrCodeInternal} {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()

			url, caPEM, requests := resettingServer(t, code)
			c := newSocketClient(t, url, func(cfg *Config) { cfg.CACertPEM = caPEM })
			_, err := c.StageApplicationImport(t.Context(), appID)
			var request *RequestError
			if !errors.As(err, &request) || !request.Sent {
				t.Errorf("the error is %v, want a request that was sent", err)
			}
			if got := requests.Load(); got != 1 {
				t.Errorf("%d requests arrived, want 1", got)
			}
		})
	}
}
