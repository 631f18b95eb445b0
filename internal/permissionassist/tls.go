package permissionassist

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

// ParseCACerts reads PEM encoded certificates. The error says what is
// expected; a private key that was given by mistake is not shown.
func ParseCACerts(pem []byte) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}

	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate found: expected one or more PEM blocks that start with -----BEGIN CERTIFICATE-----")
	}

	return pool, nil
}

// ParseClientCert reads a PEM encoded certificate and its private key. The
// error says what is wrong with which of them and never shows the key.
func ParseClientCert(certPEM, keyPEM []byte) (tls.Certificate, error) {
	if len(certPEM) == 0 || len(keyPEM) == 0 {
		return tls.Certificate{}, errors.New("a client certificate and its private key are needed together, and one of them is missing")
	}

	cert, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("the client certificate and its private key cannot be used together: %w "+
			"(expected PEM: a -----BEGIN CERTIFICATE----- block, and an unencrypted private key that belongs to it)", err)
	}

	return cert, nil
}

func (cfg Config) tlsConfig() (*tls.Config, error) {
	t := &tls.Config{
		MinVersion: tls.VersionTLS12,

		// The user's explicit choice, off by default; the provider warns of it on every run.
		InsecureSkipVerify: cfg.InsecureSkipVerify,
	}

	if len(cfg.CACertPEM) > 0 {
		pool, err := ParseCACerts(cfg.CACertPEM)
		if err != nil {
			return nil, &ConfigError{Field: "CACertPEM", Err: err}
		}

		t.RootCAs = pool
	}

	if len(cfg.ClientCertPEM) > 0 || len(cfg.ClientKeyPEM) > 0 {
		cert, err := ParseClientCert(cfg.ClientCertPEM, cfg.ClientKeyPEM)
		if err != nil {
			return nil, &ConfigError{Field: "ClientCertPEM", Err: err}
		}

		t.Certificates = []tls.Certificate{cert}
	}

	return t, nil
}

func newDialer() *net.Dialer { return &net.Dialer{KeepAlive: 30 * time.Second} }

func newHTTPTransport(t *tls.Config) *http.Transport {
	// Proxies come from the environment, as in the default transport.
	transport := cleanhttp.DefaultPooledTransport()
	transport.TLSClientConfig = t
	// The attempt's own time-out bounds connecting, and its error says so.
	transport.DialContext = newDialer().DialContext
	transport.TLSHandshakeTimeout = 0
	transport.ForceAttemptHTTP2 = true
	transport.MaxResponseHeaderBytes = 1 << 20
	// Terraform works on 10 resources at a time unless told otherwise: each
	// finds an idle connection instead of shaking hands anew.
	transport.MaxIdleConnsPerHost = 32

	return transport
}
