package permissionassist

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"

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

	return t, nil
}

func newHTTPTransport(t *tls.Config) *http.Transport {
	// Proxies come from the environment, as in the default transport.
	transport := cleanhttp.DefaultPooledTransport()
	transport.TLSClientConfig = t
	transport.ForceAttemptHTTP2 = true
	transport.MaxResponseHeaderBytes = 1 << 20
	// Terraform works on 10 resources at a time unless told otherwise: each
	// finds an idle connection instead of shaking hands anew.
	transport.MaxIdleConnsPerHost = 32

	return transport
}
