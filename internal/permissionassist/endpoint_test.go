package permissionassist

import (
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	t.Parallel()

	for want, addresses := range map[string][]string{
		"https://pa.example.com/api": {
			"https://pa.example.com", "https://pa.example.com/", "https://pa.example.com/api/", "https://pa.example.com/API/",
			"https://pa.example.com//api//", "HTTPS://PA.example.com", "https://pa.example.com:443/", "https://pa.example.com:0443/",
			"https://pa.example.com:",
		},
		"https://pa.example.com:80/api":    {"https://pa.example.com:80"},
		"https://pa.example.com/p/api":     {"https://pa.example.com/p/api/"},
		"https://pa.example.com/papi/api":  {"https://pa.example.com/papi"},
		"https://pa.example.com/a%20b/api": {"https://pa.example.com/a%20b/"},
		"https://pa.example.com/a%2Fb/api": {"https://pa.example.com/a%2Fb"},
		"https://[2001:db8::1]/api":        {"https://[2001:DB8:0::1]:443"},
		"https://[2001:db8::1]:8443/api":   {"https://[2001:db8::1]:8443/api"},
		"http://127.0.0.1/api":             {"http://127.0.0.1:80"},
		"http://127.1.2.3/api":             {"http://127.1.2.3/api"},
		"http://localhost/api":             {"http://LOCALHOST"},
		"http://[::1]:8080/api":            {"http://[::1]:8080"},
		"http://[::1%25lo]/api":            {"http://[::1%25lo]"},
		"http://[::1%25Lo]:8080/api":       {"http://[::1%25Lo]:8080"},
	} {
		for _, raw := range addresses {
			if got, err := ParseEndpoint(raw, false); err != nil || got.String() != want {
				t.Errorf("%q is %s, %v, want %s", raw, got, err, want)
			}
		}
	}
}

func TestParseEndpoint_refused(t *testing.T) {
	t.Parallel()

	for want, addresses := range map[string][]string{ // by a fragment of the error
		"empty": {""},
		"does not start with https://": {
			"pa.example.com:8443", "//pa.example.com", "admin:s3cret@pa.example.com", "//admin:s3cret@pa.example.com",
			"https:/admin:s3cret@pa.example.com/api",
		},
		`"ftp://pa.example.com"`: {"ftp://pa.example.com"},
		"has no host name":       {"https://", "https://:8443", "https:///admin:s3cret@pa.example.com/api"},
		"at position 1 ":         {" https://pa.example.com", `"https://pa.example.com"`, "\ufeffhttps://pa.example.com"},
		"at position 12 ":        {"https://pa.\u200bexample.com"},
		"at position 23 ":        {"https://pa.example.com\n"},
		"not a URL":              {"https://pa.example.com:https", "https://admin:s3cret@pa.example.com:x"},
		"a user name or password": {
			"https://admin@pa.example.com", "https://@pa.example.com", "https://x:s3cret@s3cret@pa.example.com",
		},
		"pa.example.com":           {"https://admin:s3cret@pa.example.com"},
		"query":                    {"https://pa.example.com?mail=a@s3cret", "https://pa.example.com/?"},
		`"https://pa.example.com"`: {"https://pa.example.com?key=s3cret"},
		"fragment":                 {"https://pa.example.com#s3cret", "https://pa.example.com/#", "https://admin:12#s3cret@pa.example.com"},
		"allow_insecure_http": {
			"http://pa.example.com", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://0.0.0.0",
		},
	} {
		for _, raw := range addresses {
			u, err := ParseEndpoint(raw, false)
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%q: %v, %v, want %s", raw, u, err, want)
			}
			if _, err := ParseEndpoint(raw, true); (err == nil) != strings.HasPrefix(raw, "http://") {
				t.Errorf("%q where http is allowed: %v", raw, err)
			}
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
			if err != nil {
				if text := err.Error(); !printable(text) || secret != "" && strings.Contains(text, secret) {
					t.Errorf("%q: the error is %q", raw, text)
				}
				continue
			}
			if u.Scheme != "https" && (u.Scheme != "http" || !insecure && !isLoopback(u.Hostname())) ||
				u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !strings.HasSuffix(u.Path, "/api") {
				t.Errorf("%q was accepted as %#v", raw, u)
			}
			if strings.Contains(u.Host, "%") {
				continue // a zone of an IPv6 address, which net/url does not read as it writes it
			}
			again, err := ParseEndpoint(u.String(), insecure)
			if err != nil || again.String() != u.String() {
				t.Errorf("%q was accepted as %s, which is %v, %v", raw, u, again, err)
			}
		}
	})
}
