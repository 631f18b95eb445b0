package permissionassist

import (
	"encoding/pem"
	"strings"
	"testing"
	"unicode/utf16"
)

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
		"one":              cert,
		"two":              cert + cert,
		"and a key":        key + cert,
		"and a broken key": pemOf("PRIVATE KEY", []byte("secret")) + cert,
		"comments":         "# our authority\n" + cert + "\n# the end\n",
		"byte order":       "\xef\xbb\xbf" + cert,
		"Windows breaks":   strings.ReplaceAll(cert, "\n", "\r\n"),
	} {
		if _, err := ParseCACerts([]byte(good)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	for name, tc := range map[string]struct{ content, want string }{
		"empty":           {" \n", "empty"},
		"text":            {"not a certificate", "no PEM block"},
		"UTF-16":          {utf16Of(cert), "save it as UTF-8"},
		"DER":             {string(certDER), "DER"},
		"private key":     {key, "PEM block 1 is a PRIVATE KEY"},
		"trusted":         {pemOf("TRUSTED CERTIFICATE", certDER), "a CERTIFICATE is expected"},
		"damaged block":   {cert + cert[:len(cert)-40], "PEM block 2 is damaged"},
		"damaged content": {pemOf("CERTIFICATE", certDER[:50]), "PEM block 1 is not a valid certificate"},
	} {
		if _, err := ParseCACerts([]byte(tc.content)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseClientCert(t *testing.T) {
	t.Parallel()

	certDER, keyDER := testPair(t)
	_, otherKeyDER := testPair(t)
	cert, key := pemOf("CERTIFICATE", certDER), pemOf("PRIVATE KEY", keyDER)
	legacy := string(pem.EncodeToMemory(&pem.Block{
		Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: keyDER,
	}))

	if _, err := ParseClientCert([]byte("\xef\xbb\xbf"+cert), []byte("\xef\xbb\xbf"+key)); err != nil {
		t.Errorf("with byte order marks: %v", err)
	}

	for name, tc := range map[string]struct{ cert, key, field, want string }{
		"no certificate":       {"", key, "ClientCertPEM", "empty"},
		"certificate is a key": {key, key, "ClientCertPEM", "PEM block 1 is a PRIVATE KEY"},
		"certificate is DER":   {string(certDER), key, "ClientCertPEM", "DER"},
		"no key":               {cert, "", "ClientKeyPEM", "empty"},
		"key is a certificate": {cert, cert, "ClientKeyPEM", "no private key"},
		"key is UTF-16":        {cert, utf16Of(key), "ClientKeyPEM", "save it as UTF-8"},
		"key is encrypted":     {cert, pemOf("ENCRYPTED PRIVATE KEY", keyDER), "ClientKeyPEM", "encrypted"},
		"old encrypted key":    {cert, legacy, "ClientKeyPEM", "encrypted"},
		"key of another":       {cert, pemOf("PRIVATE KEY", otherKeyDER), "ClientKeyPEM", "cannot be used together"},
	} {
		_, err := ParseClientCert([]byte(tc.cert), []byte(tc.key))
		if config := wantErrorAs[*ConfigError](t, err); config.Field != tc.field || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: the error is %v, want one about %s", name, err, tc.field)
		}
	}
}
