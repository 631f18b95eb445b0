package permissionassist_test

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
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// clientCert makes a self-signed client certificate and its key.
func clientCert(t *testing.T) (cert *x509.Certificate, certPEM, keyPEM []byte) {
	t.Helper()

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true,
	}

	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}

	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}

	rawKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}

	return cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: rawKey})
}

// A server behind mutual TLS answers only whom it knows.
func TestTLSClientCertificate(t *testing.T) {
	t.Parallel()

	known, certPEM, keyPEM := clientCert(t)
	_, strangerPEM, strangerKey := clientCert(t)

	s := sandbox.New(sandbox.Options{})
	t.Cleanup(s.Close)

	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	server.TLS.ClientCAs.AddCert(known)
	server.StartTLS()
	t.Cleanup(server.Close)

	caPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})

	for name, tc := range map[string]struct {
		cert, key []byte
		good      bool
	}{
		"none":     {nil, nil, false},
		"known":    {certPEM, keyPEM, true},
		"stranger": {strangerPEM, strangerKey, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c, err := permissionassist.New(permissionassist.Config{
				Endpoint: server.URL, Token: sandbox.DefaultToken, CACertPEM: caPEM, ClientCertPEM: tc.cert, ClientKeyPEM: tc.key,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()

			if _, err = c.ListApplications(t.Context()); (err == nil) != tc.good {
				t.Errorf("the error is %v", err)
			}

			// It would be refused again.
			var request *permissionassist.RequestError
			if !tc.good && (!errors.As(err, &request) || request.Attempts != 1) {
				t.Errorf("the error is %+v", request)
			}
		})
	}
}

func TestTLSClientCertificateRefused(t *testing.T) {
	t.Parallel()

	_, certPEM, keyPEM := clientCert(t)
	_, _, otherKey := clientCert(t)

	for name, tc := range map[string]struct{ cert, key []byte }{
		"no key":         {certPEM, nil},
		"no certificate": {nil, keyPEM},
		"another's key":  {certPEM, otherKey},
		"swapped":        {keyPEM, certPEM},
		"nonsense":       {[]byte("x"), []byte("y")},
	} {
		_, err := permissionassist.New(permissionassist.Config{
			Endpoint: "https://pa.test", Token: "t", ClientCertPEM: tc.cert, ClientKeyPEM: tc.key,
		})

		var config *permissionassist.ConfigError
		if !errors.As(err, &config) || config.Field != "ClientCertPEM" {
			t.Errorf("%s: the error is %v", name, err)
		}

		if lines := strings.Split(string(tc.key), "\n"); err != nil && len(lines) > 1 && strings.Contains(err.Error(), lines[1]) {
			t.Errorf("%s: the error shows the key", name)
		}
	}
}
