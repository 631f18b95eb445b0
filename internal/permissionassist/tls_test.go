package permissionassist

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

const brokenKeyPEM = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"

func TestTLS(t *testing.T) {
	t.Parallel()

	_, url, caPEM := sandboxtest.StartTLS(t, sandbox.Options{})
	for name, test := range map[string]struct {
		change func(*Config)
		good   bool
	}{
		"system's authorities": {func(*Config) {}, false},
		"authority given":      {func(cfg *Config) { cfg.CACertPEM = caPEM }, true},
		"among others":         {func(cfg *Config) { cfg.CACertPEM = []byte("# ours\n" + brokenKeyPEM + string(caPEM)) }, true},
		"not verified":         {func(cfg *Config) { cfg.InsecureSkipVerify = true }, true},
		"another name": {func(cfg *Config) {
			cfg.CACertPEM, cfg.Endpoint = caPEM, strings.Replace(cfg.Endpoint, "127.0.0.1", "localhost", 1)
		}, false},
	} {
		_, err := newSocketClient(t, url, test.change).ListApplications(t.Context())
		var certificate *tls.CertificateVerificationError
		if (err == nil) != test.good || err != nil && !errors.As(err, &certificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server whose certificate or protocol is wrong is tried once, and gets no
// request.
func TestTLSErrorsAreNotRetried(t *testing.T) {
	t.Parallel()

	_, _, key := newClientCert(t)
	for name, test := range map[string]struct {
		start func(*httptest.Server)
		want  error
	}{
		"unknown authority": {(*httptest.Server).StartTLS, nil},
		"no TLS":            {(*httptest.Server).Start, http.ErrSchemeMismatch},
		"malformed certificate": {func(s *httptest.Server) {
			malformed := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{[]byte("x")}, PrivateKey: key}}}
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return malformed, nil }}
			s.StartTLS()
		}, nil},
		"old protocol": {func(s *httptest.Server) {
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} //nolint:gosec // the test needs an old version
			s.StartTLS()
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") }))
			server.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshakes
			listener := &countingListener{Listener: server.Listener}
			server.Listener = listener
			test.start(server)
			t.Cleanup(server.Close)

			c := newSocketClient(t, "https://"+listener.Addr().String(), maxRetries(4))
			_, errGet := c.ListApplications(t.Context())
			_, errStage := c.StageApplicationImport(t.Context(), appID)
			for _, err := range []error{errGet, errStage} {
				if request := wantErrorAs[*RequestError](t, err); request.Attempts != 1 || request.Sent {
					t.Errorf("the error is %+v", request)
				}
				if test.want != nil {
					wantErrorIs(t, err, test.want)
				}
			}
			if got := listener.accepted.Load(); got != 2 {
				t.Errorf("%d connections, want 2", got)
			}
		})
	}
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

// newClientCert makes a self-signed client certificate and its key.
func newClientCert(t *testing.T) (certDER []byte, certPEM []byte, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true,
	}
	certDER, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}

	return certDER, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certDER}), key
}

func keyPEM(t *testing.T, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}

	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
}

// A server behind mutual TLS responds only to clients that it knows; the others
// are tried once.
func TestClientCertificate(t *testing.T) {
	t.Parallel()

	known, knownPEM, knownKey := newClientCert(t)
	_, strangerPEM, strangerKey := newClientCert(t)
	cert, err := x509.ParseCertificate(known)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(newSandbox(t, sandbox.Options{}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	server.TLS.ClientCAs.AddCert(cert)
	server.StartTLS()
	t.Cleanup(server.Close)
	caPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})

	for name, tc := range map[string]struct {
		cert, key []byte
		good      bool
	}{
		"none": {}, "known": {knownPEM, keyPEM(t, knownKey), true}, "stranger": {strangerPEM, keyPEM(t, strangerKey), false},
	} {
		c := newSocketClient(t, server.URL, maxRetries(4), func(cfg *Config) {
			cfg.CACertPEM, cfg.ClientCertPEM, cfg.ClientKeyPEM = caPEM, tc.cert, tc.key
		})
		_, err := c.ListApplications(t.Context())
		if (err == nil) != tc.good || err != nil && (RequestOf(err).Attempts != 1 || TLSProblemOf(err) != ClientCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
