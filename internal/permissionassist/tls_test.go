package permissionassist_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

const keyPEM = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"

func TestTLS(t *testing.T) {
	t.Parallel()

	_, url, caPEM := sandboxtest.StartTLS(t, sandbox.Options{})
	never := 0

	for name, test := range map[string]struct {
		change func(*permissionassist.Config)
		good   bool
	}{
		"system's authorities": {func(*permissionassist.Config) {}, false},
		"authority given":      {func(cfg *permissionassist.Config) { cfg.CACertPEM = caPEM }, true},
		"among others":         {func(cfg *permissionassist.Config) { cfg.CACertPEM = []byte("# ours\n" + keyPEM + string(caPEM)) }, true},
		"not checked":          {func(cfg *permissionassist.Config) { cfg.InsecureSkipVerify = true }, true},
		"another name": {func(cfg *permissionassist.Config) {
			cfg.CACertPEM, cfg.Endpoint = caPEM, strings.Replace(cfg.Endpoint, "127.0.0.1", "localhost", 1)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			cfg := permissionassist.Config{Endpoint: url, Token: sandbox.DefaultToken, MaxRetries: &never}
			test.change(&cfg)

			c, err := permissionassist.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()

			if _, err = c.ListApplications(t.Context()); (err == nil) != test.good {
				t.Errorf("the error is %v", err)
			}

			var certificate *tls.CertificateVerificationError
			if !test.good && !errors.As(err, &certificate) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// What fails for its certificate, or is no TLS at all, is not tried again, and
// the server sees no request.
func TestTLSNotRetried(t *testing.T) {
	t.Parallel()

	var requests atomic.Int64

	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) })

	for name, start := range map[string]func(*httptest.Server){
		"certificate": (*httptest.Server).StartTLS,
		"no TLS":      (*httptest.Server).Start,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := httptest.NewUnstartedServer(handler)
			server.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshakes
			listener := &countingListener{Listener: server.Listener}
			server.Listener = listener
			start(server)
			t.Cleanup(server.Close)

			c, err := permissionassist.New(permissionassist.Config{
				Endpoint: "https://" + server.Listener.Addr().String(), Token: token,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()

			_, err = c.ListApplications(t.Context())

			var request *permissionassist.RequestError
			if !errors.As(err, &request) || request.Attempts != 1 || request.Sent {
				t.Errorf("the error is %+v", err)
			}

			_, err = c.StageImport(t.Context(), guid)

			var not *permissionassist.NotStagedError
			if !errors.As(err, &not) {
				t.Errorf("the error is a %T: %v", err, err)
			}

			if got := listener.accepted.Load(); got != 2 {
				t.Errorf("%d connections, want 2", got)
			}
		})
	}

	t.Cleanup(func() {
		if requests.Load() != 0 {
			t.Errorf("%d requests arrived", requests.Load())
		}
	})
}

type countingListener struct {
	net.Listener

	accepted atomic.Int64
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.accepted.Add(1)
	}

	return conn, err
}

func TestParseCACerts(t *testing.T) {
	t.Parallel()

	_, _, caPEM := sandboxtest.StartTLS(t, sandbox.Options{})

	pool, err := permissionassist.ParseCACerts(caPEM)
	if err != nil || pool == nil {
		t.Errorf("%v, %v", pool, err)
	}

	for name, pem := range map[string]string{
		"empty": "", "text": "secret", "key": keyPEM, "broken": "-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n",
	} {
		_, err := permissionassist.ParseCACerts([]byte(pem))
		if err == nil {
			t.Errorf("%s: no error", name)

			continue
		}

		if !strings.Contains(err.Error(), "-----BEGIN CERTIFICATE-----") || strings.Contains(err.Error(), "c2VjcmV0") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
