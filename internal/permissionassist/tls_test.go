package permissionassist

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// A server whose certificate or protocol is wrong is tried once, and gets no
// request.
func TestTLS_notRetried(t *testing.T) {
	t.Parallel()

	_, keyDER := testPair(t)
	key, err := x509.ParsePKCS8PrivateKey(keyDER)
	if err != nil {
		t.Fatal(err)
	}
	certificate := tls.Certificate{Certificate: [][]byte{[]byte("x")}, PrivateKey: key}
	malformed := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	for name, test := range map[string]struct {
		server *httptest.Server
		want   TLSProblem
	}{
		"unknown authority": {serveTLS(t, handler), UnknownAuthority},
		"no TLS":            {serve(t, handler), NotTLSProblem},
		"malformed certificate": {serveTLS(t, handler, func(s *httptest.Server) {
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
			s.TLS.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return malformed, nil }
		}), InvalidCertificate},
		"old protocol": {serveTLS(t, handler, func(s *httptest.Server) {
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
		}), NoCommonProtocol},
	} {
		c := newSocketClient(t, "https://"+test.server.Listener.Addr().String(), maxRetries(4))
		for _, err := range []error{listApplications(t.Context(), c), stageImport(t.Context(), c)} {
			request := wantErrorAs[*RequestError](t, err)
			if got := TLSProblemOf(err); request.Attempts != 1 || request.Connected || got != test.want {
				t.Errorf("%s: the problem is %d, want %d: %+v", name, got, test.want, request)
			}
		}
	}

	trusted := serveTLS(t, handler)
	otherName := strings.Replace(trusted.URL, "127.0.0.1", "localhost", 1)
	err = listApplications(t.Context(), newSocketClient(t, otherName, trusting(certificateOf(trusted))))
	if got := TLSProblemOf(err); got != WrongHost {
		t.Errorf("another name: the problem is %d: %v", got, err)
	}
}

// testPair returns a self-signed certificate for clients and its private key,
// in DER form.
func testPair(t *testing.T) (certDER, keyDER []byte) {
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
	keyDER, err = x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return certDER, keyDER
}

func pemOf(blockType string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der}))
}

// A server behind mutual TLS responds only to clients that it knows; the others
// are tried once.
func TestTLS_clientCertificate(t *testing.T) {
	t.Parallel()

	certDER, keyDER := testPair(t)
	strangerCertDER, strangerKeyDER := testPair(t)
	cert, err := x509.ParseCertificate(certDER)
	if err != nil {
		t.Fatal(err)
	}
	server := serveTLS(t, newSandbox(t, sandbox.Options{}), func(s *httptest.Server) {
		s.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		s.TLS.ClientCAs.AddCert(cert)
	})
	for name, certificate := range map[string]func(*Config){
		"none": func(*Config) {}, "known": withPair(t, certDER, keyDER), "stranger": withPair(t, strangerCertDER, strangerKeyDER),
	} {
		c := newSocketClient(t, server.URL, maxRetries(4), trusting(certificateOf(server)), certificate)
		err := listApplications(t.Context(), c)
		var request *RequestError
		switch {
		case (name == "known") != (err == nil):
			t.Errorf("%s: %v", name, err)
		case errors.As(err, &request) && request.CertificateMissing && name == "none": // the alert was lost when the connection broke
		case err != nil && (RequestOf(err).Attempts != 1 || TLSProblemOf(err) != ClientCertificate):
			t.Errorf("%s: %v", name, err)
		}
	}
}
