package bench

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"time"
)

// As much of go-plugin's client and of gRPC as one call without arguments
// needs. The libraries would do it too, but they are no direct dependency of
// the module, and this stays out of their way.

// pluginCertificate is what Terraform identifies itself with to its providers.
type pluginCertificate struct {
	tls tls.Certificate
	pem string
}

func newPluginCertificate() (*pluginCertificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &pluginCertificate{
		tls: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
	}, nil
}

// client reaches a provider, which has named its certificate.
func (c *pluginCertificate) client(network, address, certificate string) (*http.Client, error) {
	der, err := base64.RawStdEncoding.DecodeString(certificate)
	if err != nil {
		return nil, err
	}
	theirs, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(theirs)
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS12, ServerName: "localhost", RootCAs: roots, Certificates: []tls.Certificate{c.tls},
		},
		ForceAttemptHTTP2: true,
	}}, nil
}

// call makes a gRPC call without arguments and returns the answer's length.
func call(ctx context.Context, client *http.Client, method string) (int64, error) {
	empty := make([]byte, 5) // not compressed, of length 0
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://localhost"+method, bytes.NewReader(empty))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("Te", "trailers")
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		return 0, err
	}
	if status := resp.Trailer.Get("Grpc-Status"); status != "0" {
		return 0, fmt.Errorf("%s answered with the status %q: %s", method, status, resp.Trailer.Get("Grpc-Message"))
	}
	return n, nil
}
