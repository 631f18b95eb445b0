package permissionassist

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// testPair returns a self-signed certificate and its private key, in DER form.
func testPair(t *testing.T) (certDER, keyDER []byte) {
	t.Helper()

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certDER, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
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

func utf16Of(s string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, byte(unit), byte(unit>>8))
	}

	return string(b)
}

func TestParseCACerts(t *testing.T) {
	t.Parallel()

	certDER, keyDER := testPair(t)
	cert, key := pemOf("CERTIFICATE", certDER), pemOf("PRIVATE KEY", keyDER)

	for name, good := range map[string]string{
		"one":            cert,
		"two":            cert + cert,
		"and a key":      key + cert,
		"comments":       "# our authority\n" + cert + "\n# the end\n",
		"byte order":     "\xef\xbb\xbf" + cert,
		"Windows breaks": strings.ReplaceAll(cert, "\n", "\r\n"),
	} {
		if _, err := ParseCACerts([]byte(good)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	for name, tc := range map[string]struct{ content, want string }{
		"empty":           {" \n", "empty"},
		"text":            {"not a certificate", "no PEM block"},
		"UTF-16":          {utf16Of(cert), "UTF-16"},
		"DER":             {string(certDER), "DER"},
		"private key":     {key, "PEM block 1 is a PRIVATE KEY"},
		"trusted":         {pemOf("TRUSTED CERTIFICATE", certDER), "TRUSTED CERTIFICATE"},
		"damaged block":   {cert + cert[:len(cert)-40], "PEM block 2 is damaged"},
		"damaged content": {pemOf("CERTIFICATE", certDER[:50]), "PEM block 1 is not a valid certificate"},
	} {
		_, err := ParseCACerts([]byte(tc.content))
		if err == nil {
			t.Errorf("%s is accepted", name)

			continue
		}
		wantContains(t, err.Error(), tc.want)
	}
}

func TestParseClientCert(t *testing.T) {
	t.Parallel()

	certDER, keyDER := testPair(t)
	_, otherKeyDER := testPair(t)
	cert, key := pemOf("CERTIFICATE", certDER), pemOf("PRIVATE KEY", keyDER)
	legacy := pem.EncodeToMemory(&pem.Block{
		Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: keyDER,
	})

	if _, err := ParseClientCert([]byte("\xef\xbb\xbf"+cert), []byte("\xef\xbb\xbf"+key)); err != nil {
		t.Errorf("with byte order marks: %v", err)
	}

	for name, tc := range map[string]struct{ cert, key, field, want string }{
		"no certificate":       {"", key, "ClientCertPEM", "empty"},
		"certificate is a key": {key, key, "ClientCertPEM", "PEM block 1 is a PRIVATE KEY"},
		"certificate is DER":   {string(certDER), key, "ClientCertPEM", "DER"},
		"no key":               {cert, "", "ClientKeyPEM", "empty"},
		"key is a certificate": {cert, cert, "ClientKeyPEM", "no private key"},
		"key is UTF-16":        {cert, utf16Of(key), "ClientKeyPEM", "UTF-16"},
		"key is encrypted":     {cert, pemOf("ENCRYPTED PRIVATE KEY", keyDER), "ClientKeyPEM", "encrypted"},
		"old encrypted key":    {cert, string(legacy), "ClientKeyPEM", "encrypted"},
		"key of another":       {cert, pemOf("PRIVATE KEY", otherKeyDER), "ClientKeyPEM", "cannot be used together"},
	} {
		_, err := ParseClientCert([]byte(tc.cert), []byte(tc.key))
		var config *ConfigError
		if !errors.As(err, &config) || config.Field != tc.field {
			t.Errorf("%s: the error is %v, want one about %s", name, err, tc.field)

			continue
		}
		wantContains(t, err.Error(), tc.want)
	}
}
