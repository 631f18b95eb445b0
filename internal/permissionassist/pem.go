package permissionassist

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// ParseCACerts reads PEM certificates and returns the system's authorities and
// these. Blocks that are not certificates, such as a key, are skipped if there
// is a certificate. The error never shows the content.
func ParseCACerts(data []byte) (*x509.CertPool, error) {
	blocks, err := pemBlocks(data)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}

	found := false
	for i, block := range blocks {
		switch {
		case block.Type == "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("PEM block %d is not a valid certificate: %w", i+1, err)
			}
			pool.AddCert(cert)
			found = true
		case strings.Contains(block.Type, "CERTIFICATE"):
			return nil, fmt.Errorf("PEM block %d is a %s, and a CERTIFICATE is expected: convert it, for example with openssl x509", i+1, block.Type)
		}
	}
	if !found {
		return nil, fmt.Errorf("it has no certificate: PEM block 1 is a %s", blocks[0].Type)
	}
	return pool, nil
}

// ParseClientCert reads a PEM certificate (with its chain) and its private key.
// The error is a *ConfigError whose Field is ClientCertPEM or ClientKeyPEM,
// after the file that cannot be used. It never shows the key.
func ParseClientCert(certPEM, keyPEM []byte) (tls.Certificate, error) {
	certBlocks, err := pemBlocks(certPEM)
	if err == nil && certBlocks[0].Type != "CERTIFICATE" {
		err = fmt.Errorf("PEM block 1 is a %s, and a CERTIFICATE is expected", certBlocks[0].Type)
	}
	if err != nil {
		return tls.Certificate{}, &ConfigError{Field: "ClientCertPEM", Err: err}
	}

	keyBlocks, err := pemBlocks(keyPEM)
	if err == nil {
		err = checkKeyBlocks(keyBlocks)
	}
	if err != nil {
		return tls.Certificate{}, &ConfigError{Field: "ClientKeyPEM", Err: err}
	}

	pair, err := tls.X509KeyPair(withoutBOM(certPEM), withoutBOM(keyPEM))
	if err != nil {
		err = fmt.Errorf("the certificate and the private key cannot be used together: %w", err)
		return tls.Certificate{}, &ConfigError{Field: "ClientKeyPEM", Err: err}
	}
	return pair, nil
}

// checkKeyBlocks returns an error unless one of the blocks is a private key
// that can be used without a password.
func checkKeyBlocks(blocks []*pem.Block) error {
	for _, block := range blocks {
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return errors.New("the private key is encrypted: decrypt it first, for example with openssl pkey")
		}
		if block.Type == "PRIVATE KEY" || strings.HasSuffix(block.Type, " PRIVATE KEY") {
			return nil
		}
	}
	return fmt.Errorf("it has no private key: PEM block 1 is a %s", blocks[0].Type)
}

// pemBlocks returns the PEM blocks of a file, at least one.
func pemBlocks(data []byte) ([]*pem.Block, error) {
	var blocks []*pem.Block
	rest := withoutBOM(data)
	for block, after := pem.Decode(rest); block != nil; block, after = pem.Decode(rest) {
		blocks, rest = append(blocks, block), after
	}

	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New("it is empty")
	case bytes.Contains(rest, []byte("-----BEGIN ")):
		return nil, fmt.Errorf("PEM block %d is damaged", len(blocks)+1)
	case len(blocks) == 0:
		return nil, errors.New("it has no PEM block, which starts with a line -----BEGIN: " +
			"save it as UTF-8, or convert it from DER, for example with openssl x509 -inform der")
	default:
		return blocks, nil
	}
}
