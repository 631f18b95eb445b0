package permissionassist

import (
	"net/url"
	"strings"
	"testing"
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
		"https://pa.example.com/a%2Fb":       "https://pa.example.com/a%2Fb/api",
		"https://[2001:db8::1]:8443/api":     "https://[2001:db8::1]:8443/api",
		"http://localhost:8080":              "http://localhost:8080/api",
		"http://LOCALHOST":                   "http://LOCALHOST/api",
		"http://127.0.0.1:8080/":             "http://127.0.0.1:8080/api",
		"http://127.1.2.3/api":               "http://127.1.2.3/api",
		"http://[::1]:8080":                  "http://[::1]:8080/api",
	} {
		got, err := ParseEndpoint(raw, false)
		if err != nil {
			t.Errorf("%q: %v", raw, err)
		} else if got.String() != want {
			t.Errorf("%q is %s, want %s", raw, got, want)
		}
	}

	got, err := ParseEndpoint("http://pa.example.com", true)
	if err != nil || got.String() != "http://pa.example.com/api" {
		t.Errorf("allowed http: %v, %v", got, err)
	}
}

func TestParseEndpointRefuses(t *testing.T) {
	t.Parallel()

	const form = "https://permissionassist.example.com"

	for name, test := range map[string]struct {
		raw   string
		parts []string
	}{
		"empty":                         {"", []string{"empty", form}},
		"no scheme":                     {"pa.example.com", []string{"does not start with https://", form}},
		"no scheme but a port":          {"pa.example.com:8443", []string{"does not start with https://", form}},
		"no scheme, two slashes":        {"//pa.example.com", []string{"does not start with https://", form}},
		"another scheme":                {"ftp://pa.example.com", []string{`"ftp://pa.example.com"`, form}},
		"no host":                       {"https://", []string{"names no server", form}},
		"no host but a path":            {"https:///api", []string{"names no server", form}},
		"no host but a port":            {"https://:8443", []string{"names no server", form}},
		"opaque":                        {"https:pa.example.com", []string{"does not start with https://", form}},
		"white space":                   {" https://pa.example.com", []string{"a blank at position 1", form}},
		"line break":                    {"https://pa.example.com\n", []string{"a line break at position 23", form}},
		"quoted":                        {`"https://pa.example.com"`, []string{"a quotation mark or bracket at position 1", form}},
		"byte order mark":               {"\ufeffhttps://pa.example.com", []string{"a byte order mark at position 1", form}},
		"carriage return":               {"https://pa.example.com\r", []string{"a line break at position 23", form}},
		"invisible":                     {"https://pa.\u200bexample.com", []string{"an invisible character at position 12", form}},
		"bad port":                      {"https://pa.example.com:https", []string{"not a URL", form}},
		"user name":                     {"https://admin@pa.example.com", []string{"a user name or password", "pa.example.com", form}},
		"password":                      {"https://admin:s3cret@pa.example.com", []string{"a user name or password", "pa.example.com", form}},
		"empty user name":               {"https://@pa.example.com", []string{"a user name or password", form}},
		"password and bad port":         {"https://admin:s3cret@pa.example.com:x", []string{"not a URL", form}},
		"password, no scheme":           {"admin:s3cret@pa.example.com", []string{"does not start with https://", form}},
		"password, no host":             {"https:admin:s3cret@pa.example.com/api", []string{"does not start with https://", form}},
		"password, one slash":           {"https:/admin:s3cret@pa.example.com/api", []string{"does not start with https://", form}},
		"password, three slashes":       {"https:///admin:s3cret@pa.example.com/api", []string{"names no server", form}},
		"password, no scheme, //":       {"//admin:s3cret@pa.example.com", []string{"does not start with https://", form}},
		"password, another scheme":      {"ldap://admin:s3cret@pa.example.com", []string{"does not start with https://", form}},
		"password with an @":            {"admin:s3cret@s3cret@pa.example.com", []string{"does not start with https://", form}},
		"password with a #":             {"https://admin:12#s3cret@pa.example.com", []string{"fragment", form}},
		"address in a query":            {"https://pa.example.com?mail=a@s3cret", []string{"query", form}},
		"query":                         {"https://pa.example.com?key=s3cret", []string{"query", `"https://pa.example.com"`, form}},
		"empty query":                   {"https://pa.example.com/?", []string{"query", form}},
		"fragment":                      {"https://pa.example.com#s3cret", []string{"fragment", form}},
		"empty fragment":                {"https://pa.example.com/#", []string{"fragment", form}},
		"query, no scheme":              {"pa.example.com?key=s3cret", []string{"does not start with https://", form}},
		"http":                          {"http://pa.example.com", []string{`"http://pa.example.com"`, "plain http", "allow_insecure_http"}},
		"http to a private address":     {"http://10.0.0.1", []string{"plain http"}},
		"http to a name like localhost": {"http://localhost.example.com", []string{"plain http"}},
		"http to 127 as a name":         {"http://127.0.0.1.example.com", []string{"plain http"}},
		"http to everything":            {"http://0.0.0.0", []string{"plain http"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			u, err := ParseEndpoint(test.raw, false)
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
				if _, err := ParseEndpoint(test.raw, true); err == nil {
					t.Error("it is accepted where http is allowed")
				}
			}
		})
	}
}

func TestSameOrigin(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		a, b string
		same bool
	}{
		"same":                   {"https://pa.test/a", "https://pa.test/b", true},
		"case":                   {"https://pa.test", "https://PA.Test", true},
		"https's port":           {"https://pa.test", "https://pa.test:443", true},
		"http's port":            {"http://pa.test:80", "http://pa.test", true},
		"another port":           {"https://pa.test", "https://pa.test:8443", false},
		"another scheme":         {"https://pa.test", "http://pa.test", false},
		"another scheme, a port": {"https://pa.test:443", "http://pa.test:443", false},
		"subdomain":              {"https://pa.test", "https://x.pa.test", false},
		"longer":                 {"https://pa.test", "https://pa.test.evil.test", false},
	} {
		a, errA := url.Parse(test.a)
		b, errB := url.Parse(test.b)

		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}

		if sameOrigin(a, b) != test.same || sameOrigin(b, a) != test.same {
			t.Errorf("%s: sameOrigin(%s, %s) is %v", name, a, b, !test.same)
		}
	}
}

func FuzzParseEndpoint(f *testing.F) {
	const password = "s3cr3t-p4ssw0rd"

	for _, seed := range [][2]string{
		{"https://", "pa.test/api"}, {"https://", "pa.test?key=x#f"}, {"http:", "pa.test"}, {"https:/", "[::1%25eth0]:8443"}, {"", "pa.test"},
	} {
		f.Add(seed[0], seed[1], false)
	}
	f.Fuzz(func(t *testing.T, before, after string, insecure bool) {
		for raw, secret := range map[string]string{
			before + after:                                 "",
			before + ":" + password + "@" + after:          password,
			before + "?password=" + password + "&" + after: password,
		} {
			u, err := ParseEndpoint(raw, insecure)

			switch {
			case err != nil && !printable(err.Error()):
				t.Errorf("%q: the error is %q", raw, err)
			case err != nil && secret != "" && strings.Contains(err.Error(), secret):
				t.Errorf("%q: the error shows the password: %v", raw, err)
			case err == nil:
				fuzzEndpoint(t, raw, u, insecure)
			}
		}
	})
}

func fuzzEndpoint(t *testing.T, raw string, u *url.URL, insecure bool) {
	t.Helper()

	if u.Scheme != "https" && (u.Scheme != "http" || !insecure && !isLoopback(u.Hostname())) {
		t.Errorf("%q was accepted as %s", raw, u)
	}

	if u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !strings.HasSuffix(u.Path, "/api") {
		t.Errorf("%q was accepted as %#v", raw, u)
	}

	if strings.Contains(u.Host, "%") {
		// A zone of an IPv6 address, which net/url does not read as it writes it.
		return
	}

	again, err := ParseEndpoint(u.String(), insecure)
	if err != nil || again.String() != u.String() {
		t.Errorf("%q was accepted as %s, which is %v, %v", raw, u, again, err)
	}
}
