package permissionassist

import (
	"bytes"
	"cmp"
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
				// certutil -encode calls everything a certificate.
				return nil, fmt.Errorf("PEM block %d is not a valid certificate: %w", i+1, cmp.Or(formatOf(block.Bytes), err))
			}
			pool.AddCert(cert)
			found = true
		case block.Type == "PKCS7" || block.Type == "CMS":
			return nil, fmt.Errorf("PEM block %d: %w", i+1, errPKCS7)
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
	if err == nil {
		err = checkCertBlock(certBlocks[0])
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

// checkCertBlock returns an error unless the first block is a certificate.
func checkCertBlock(block *pem.Block) error {
	switch {
	case block.Type == "PKCS7" || block.Type == "CMS":
		return errPKCS7
	case block.Type != "CERTIFICATE":
		return fmt.Errorf("PEM block 1 is a %s, and a CERTIFICATE is expected", block.Type)
	}
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		return formatOf(block.Bytes) // otherwise, the pair's error explains it
	}
	return nil
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
		return nil, cmp.Or(formatOf(data), errNotPEM)
	default:
		return blocks, nil
	}
}

var (
	errNotPEM = errors.New("it has no PEM block, which starts with a line -----BEGIN: save it as UTF-8, or export it as Base-64 encoded X.509")
	errUTF16  = errors.New("it is text in UTF-16, which PowerShell 5 writes: save it as UTF-8")
	errDER    = errors.New("it is a certificate in DER, and PEM is expected: convert it with certutil -encode in.cer out.pem, or with " +
		"openssl x509 -inform der -in in.cer -out out.pem")
	errPKCS7 = errors.New("it is PKCS#7 (.p7b), and PEM certificates are expected: convert it with openssl pkcs7 -print_certs -in in.p7b " +
		"-out out.pem (with -inform der if it is binary), or open it in Windows, export each certificate as a .cer file, and run " +
		"certutil -encode in.cer out.pem")
	errPFX = errors.New("it is PFX (PKCS#12, .pfx or .p12), and PEM is expected: convert it with openssl pkcs12 -in in.pfx -nokeys -out " +
		"cert.pem and openssl pkcs12 -in in.pfx -nocerts -noenc -out key.pem. certutil -encode cannot convert it")
	errKeyDER = errors.New("it is a private key in DER, and PEM is expected: convert it with openssl pkey -inform der -in in.key -out out.pem")
)

// formatOf recognizes the formats in which Windows exports certificates instead
// of PEM. It returns nil for anything else.
func formatOf(data []byte) error {
	var (
		// The object identifiers 1.2.840.113549.1.7.2 (signed data) and
		// 1.2.840.113549.1.7.1 (data), RFC 2315, section 14.
		signedData = []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2}
		plainData  = []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1}
		// A PFX starts with version 3 (RFC 7292, section 4).
		version3 = []byte{2, 1, 3}
	)
	// The lengths in front of them are of different sizes. BER, which
	// asn1.Unmarshal does not read, occurs too.
	const sequence = 0x30
	head := data[:min(len(data), 40)]
	version := bytes.Index(head, version3)

	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}): // byte order marks
		return errUTF16
	case len(head) == 0 || head[0] != sequence:
		return nil
	case version > 0 && version < 8 && (bytes.Contains(head, plainData) || bytes.Contains(head, signedData)):
		return errPFX
	case bytes.Contains(head[:min(len(head), 20)], signedData):
		return errPKCS7
	}

	_, cert := x509.ParseCertificate(data)
	_, pkcs8 := x509.ParsePKCS8PrivateKey(data)
	_, pkcs1 := x509.ParsePKCS1PrivateKey(data)
	_, ec := x509.ParseECPrivateKey(data)
	switch {
	case cert == nil:
		return errDER
	case pkcs8 == nil || pkcs1 == nil || ec == nil:
		return errKeyDER
	default:
		return nil
	}
}
