package permissionassist_test

import (
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func TestParseEndpoint(t *testing.T) {
	t.Parallel()

	for raw, want := range map[string]string{
		"https://pa.example.com":             "https://pa.example.com/api",
		"https://pa.example.com/":            "https://pa.example.com/api",
		"https://pa.example.com//":           "https://pa.example.com/api",
		"https://pa.example.com/api":         "https://pa.example.com/api",
		"https://pa.example.com/api/":        "https://pa.example.com/api",
		"https://pa.example.com/API/":        "https://pa.example.com/api",
		"https://pa.example.com//api//":      "https://pa.example.com/api",
		"HTTPS://PA.example.com":             "https://PA.example.com/api",
		"https://pa.example.com:8443":        "https://pa.example.com:8443/api",
		"https://pa.example.com/permissions": "https://pa.example.com/permissions/api",
		"https://pa.example.com/p/api/":      "https://pa.example.com/p/api",
		"https://pa.example.com/papi":        "https://pa.example.com/papi/api",
		"https://pa.example.com/a%20b/":      "https://pa.example.com/a%20b/api",
		"https://[2001:db8::1]:8443/api":     "https://[2001:db8::1]:8443/api",
		"http://localhost:8080":              "http://localhost:8080/api",
		"http://LOCALHOST":                   "http://LOCALHOST/api",
		"http://127.0.0.1:8080/":             "http://127.0.0.1:8080/api",
		"http://127.1.2.3/api":               "http://127.1.2.3/api",
		"http://[::1]:8080":                  "http://[::1]:8080/api",
	} {
		got, err := permissionassist.ParseEndpoint(raw, false)
		if err != nil {
			t.Errorf("%q: %v", raw, err)
		} else if got.String() != want {
			t.Errorf("%q is %s, want %s", raw, got, want)
		}
	}

	got, err := permissionassist.ParseEndpoint("http://pa.example.com", true)
	if err != nil || got.String() != "http://pa.example.com/api" {
		t.Errorf("http where it is allowed: %v, %v", got, err)
	}
}

func TestParseEndpointRefuses(t *testing.T) {
	t.Parallel()

	const form = "https://permissionassist.example.com"

	for name, test := range map[string]struct {
		raw   string
		parts []string
	}{
		"empty":                          {"", []string{"empty", form}},
		"no scheme":                      {"pa.example.com", []string{`"pa.example.com"`, "does not start with https://", form}},
		"no scheme but a port":           {"pa.example.com:8443", []string{"does not start with https://", form}},
		"no scheme, two slashes":         {"//pa.example.com", []string{"does not start with https://", form}},
		"another scheme":                 {"ftp://pa.example.com", []string{`"ftp://pa.example.com"`, form}},
		"no host":                        {"https://", []string{"names no server", form}},
		"no host but a path":             {"https:///api", []string{"names no server", form}},
		"no host but a port":             {"https://:8443", []string{"names no server", form}},
		"opaque":                         {"https:pa.example.com", []string{"names no server", form}},
		"white space":                    {" https://pa.example.com", []string{"not a URL", form}},
		"line break":                     {"https://pa.example.com\n", []string{"not a URL", form}},
		"bad port":                       {"https://pa.example.com:https", []string{"not a URL", form}},
		"user name":                      {"https://admin@pa.example.com", []string{"user information", "pa.example.com", form}},
		"password":                       {"https://admin:s3cret@pa.example.com", []string{"user information", "pa.example.com", form}},
		"empty user name":                {"https://@pa.example.com", []string{"user information", form}},
		"password and bad port":          {"https://admin:s3cret@pa.example.com:x", []string{"not a URL", form}},
		"password, no scheme":            {"admin:s3cret@pa.example.com", []string{"does not start with https://", form}},
		"password, no host":              {"https:admin:s3cret@pa.example.com/api", []string{"names no server", form}},
		"password, one slash":            {"https:/admin:s3cret@pa.example.com/api", []string{"names no server", form}},
		"password, three slashes":        {"https:///admin:s3cret@pa.example.com/api", []string{"names no server", form}},
		"password, no scheme, //":        {"//admin:s3cret@pa.example.com", []string{"does not start with https://", form}},
		"password, another scheme":       {"ldap://admin:s3cret@pa.example.com", []string{"does not start with https://", form}},
		"password with an @":             {"admin:s3cret@s3cret@pa.example.com", []string{"does not start with https://", form}},
		"password with a #":              {"https://admin:12#s3cret@pa.example.com", []string{"fragment", form}},
		"address in a query":             {"https://pa.example.com?mail=a@s3cret", []string{"query", form}},
		"query":                          {"https://pa.example.com?key=s3cret", []string{"query", `"https://pa.example.com"`, form}},
		"empty query":                    {"https://pa.example.com/?", []string{"query", form}},
		"fragment":                       {"https://pa.example.com#s3cret", []string{"fragment", form}},
		"empty fragment":                 {"https://pa.example.com/#", []string{"fragment", form}},
		"query, no scheme":               {"pa.example.com?key=s3cret", []string{"does not start with https://", form}},
		"http":                           {"http://pa.example.com", []string{`"http://pa.example.com"`, "plain http", "allow_insecure_http"}},
		"http to a private address":      {"http://10.0.0.1", []string{"plain http"}},
		"http to localhost's look-alike": {"http://localhost.example.com", []string{"plain http"}},
		"http to 127 as a name":          {"http://127.0.0.1.example.com", []string{"plain http"}},
		"http to everything":             {"http://0.0.0.0", []string{"plain http"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			u, err := permissionassist.ParseEndpoint(test.raw, false)
			if err == nil {
				t.Fatalf("%q is accepted as %s", test.raw, u)
			}

			for _, part := range test.parts {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not contain %q: %v", part, err)
				}
			}

			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error shows a secret: %v", err)
			}

			if test.raw != "http://pa.example.com" && !strings.Contains(name, "http to") {
				if _, err := permissionassist.ParseEndpoint(test.raw, true); err == nil {
					t.Error("it is accepted where http is allowed")
				}
			}
		})
	}
}
