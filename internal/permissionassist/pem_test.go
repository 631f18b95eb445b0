package permissionassist

import (
	"encoding/asn1"
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

// binaryFormats returns the formats in which Windows exports a certificate.
func binaryFormats(t *testing.T, certDER []byte) (pkcs7, pfx []byte) {
	t.Helper()
	type content struct {
		Type asn1.ObjectIdentifier
		Data []byte
	}
	pkcs7, err := asn1.Marshal(content{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, certDER})
	if err != nil {
		t.Fatal(err)
	}
	pfx, err = asn1.Marshal(struct {
		Version int
		Content content
	}{3, content{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, certDER}})
	if err != nil {
		t.Fatal(err)
	}
	return pkcs7, pfx
}

func TestParseCACerts(t *testing.T) {
	t.Parallel()

	certDER, keyDER := testPair(t)
	cert, key := pemOf("CERTIFICATE", certDER), pemOf("PRIVATE KEY", keyDER)
	pkcs7, pfx := binaryFormats(t, certDER)

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
		"DER":             {string(certDER), "certutil -encode"},
		"PKCS#7":          {string(pkcs7), "PKCS#7"},
		"PEM of PKCS#7":   {pemOf("PKCS7", pkcs7), "PKCS#7"},
		"encoded PKCS#7":  {pemOf("CERTIFICATE", pkcs7), "PKCS#7"},
		"PFX":             {string(pfx), "openssl pkcs12"},
		"encoded PFX":     {pemOf("CERTIFICATE", pfx), "openssl pkcs12"},
		"key in DER":      {string(keyDER), "a private key in DER"},
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

	pkcs7, pfx := binaryFormats(t, certDER)

	if _, err := ParseClientCert([]byte("\xef\xbb\xbf"+cert), []byte("\xef\xbb\xbf"+key)); err != nil {
		t.Errorf("with byte order marks: %v", err)
	}

	for name, tc := range map[string]struct{ cert, key, field, want string }{
		"no certificate":       {"", key, "ClientCertPEM", "empty"},
		"certificate is a key": {key, key, "ClientCertPEM", "PEM block 1 is a PRIVATE KEY"},
		"certificate is p7b":   {pemOf("PKCS7", pkcs7), key, "ClientCertPEM", "PKCS#7"},
		"encoded PFX":          {pemOf("CERTIFICATE", pfx), key, "ClientCertPEM", "openssl pkcs12"},
		"key is PFX":           {cert, string(pfx), "ClientKeyPEM", "openssl pkcs12"},
		"key is DER":           {cert, string(keyDER), "ClientKeyPEM", "openssl pkey"},
		"no key":               {cert, "", "ClientKeyPEM", "empty"},
		"key is a certificate": {cert, cert, "ClientKeyPEM", "no private key"},
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
