package permissionassist

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"
)

// fuzzToken is a token that turns up in the corpus of answers.
const fuzzToken = "pa_f"

// sameAnswer is a server that gives the same answer to whatever it is asked.
type sameAnswer struct {
	status int
	header http.Header
	body   []byte
}

func (a sameAnswer) RoundTrip(req *http.Request) (*http.Response, error) {
	closeBody(req)

	return &http.Response{
		StatusCode: a.status, Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(a.body)), Request: req,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(a.body)),
	}, nil
}

// fuzzCalls are all requests that the client can send.
func fuzzCalls() []func(*testing.T, *Client) error {
	return []func(*testing.T, *Client) error{
		func(t *testing.T, c *Client) error {
			imp, err := c.StageImport(t.Context(), appID)
			if err == nil {
				fuzzImport(t, imp)

				return nil
			}

			var (
				not  *NotStagedError
				may  *UncertainStageError
				some *AmbiguousStageError
			)

			if !errors.As(err, &not) && !errors.As(err, &may) && !errors.As(err, &some) {
				t.Errorf("staging ended with a %T: %v", err, err)
			}

			return err
		},
		func(t *testing.T, c *Client) error {
			imp, err := c.CancelImport(t.Context(), importID)
			if err == nil && !SameGUID(imp.ID, importID) {
				t.Errorf("import %s was canceled instead of %s", imp.ID, importID)
			}

			return err
		},
		func(t *testing.T, c *Client) error {
			imp, err := c.GetImport(t.Context(), importID, appID)
			if err == nil && !SameGUID(imp.ID, importID) {
				t.Errorf("import %s was read instead of %s", imp.ID, importID)
			}

			if err == nil {
				fuzzImport(t, imp)
			}

			return err
		},
		func(t *testing.T, c *Client) error {
			n := 0

			for imp, err := range c.ListImports(t.Context(), appID) {
				if err != nil {
					return err
				}

				fuzzImport(t, imp)

				// The same page again and again, for as long as it claims.
				if n++; n > 200 {
					break
				}
			}

			return nil
		},
		func(t *testing.T, c *Client) error {
			app, err := c.GetApplication(t.Context(), appID)
			if err == nil && !SameGUID(app.ID, appID) {
				t.Errorf("application %s was read instead of %s", app.ID, appID)
			}

			return err
		},
		func(t *testing.T, c *Client) error {
			apps, err := c.ListApplications(t.Context())
			for _, app := range apps {
				if e := ValidateGUID(app.ID); e != nil {
					t.Errorf("an application's ID: %v", e)
				}
			}

			return err
		},
	}
}

func fuzzImport(t *testing.T, imp Import) {
	t.Helper()

	if err := ValidateGUID(imp.ID); err != nil {
		t.Errorf("an import's ID: %v", err)
	}

	if name := imp.String(); !printable(name) {
		t.Errorf("the import is called %q", name)
	}
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' })
}

// Whatever a server answers to whatever request: no panic, no "not found" but
// the API's own, and an error that can be shown to anybody.
func FuzzAnswer(f *testing.F) {
	calls := fuzzCalls()

	f.Fuzz(func(t *testing.T, call byte, status uint16, contentType, location, pause string, body []byte) {
		answer := sameAnswer{status: 200 + int(status)%400, header: http.Header{}, body: body}
		answer.header["Content-Type"] = []string{contentType}
		answer.header["Location"] = []string{location}
		answer.header["Retry-After"] = []string{pause}

		// A doubtful staging takes seconds, which in a bubble take no time.
		synctest.Test(t, func(t *testing.T) {
			none := 0

			c, err := New(Config{Endpoint: testEndpoint, Token: fuzzToken, MaxRetries: &none})
			if err != nil {
				t.Fatal(err)
			}

			transportOf(t, c).next = answer

			if err = calls[int(call)%len(calls)](t, c); err == nil {
				return
			}

			if errors.Is(err, ErrNotFound) && !isNotFoundEnvelope(answer) {
				t.Errorf("this was taken for not found: %d %q", answer.status, body)
			}

			if said := err.Error(); strings.Contains(said, fuzzToken) || !printable(said) {
				t.Errorf("the error is %q", said)
			}
		})
	})
}

func isNotFoundEnvelope(a sameAnswer) bool {
	var envelope struct{ Error string }

	err := json.Unmarshal(bytes.TrimPrefix(a.body, []byte("\xef\xbb\xbf")), &envelope)

	return a.status == http.StatusNotFound && err == nil && envelope.Error == "not_found"
}

func FuzzValidateGUID(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		err := ValidateGUID(s)

		// Said in another way than by the pattern.
		valid := len(s) == 36
		for i := 0; valid && i < len(s); i++ {
			if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen {
				valid = s[i] == '-'
			} else {
				valid = strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
			}
		}

		if (err == nil) != valid {
			t.Errorf("%q: %v", s, err)
		}

		if err != nil && !printable(err.Error()) {
			t.Errorf("the error is %q", err)
		}

		if !SameGUID(s, s) {
			t.Errorf("%q is not itself", s)
		}
	})
}

func FuzzParseEndpoint(f *testing.F) {
	const password = "s3cr3t-p4ssw0rd"

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

func FuzzParseRetryAfter(f *testing.F) {
	f.Fuzz(func(t *testing.T, value string, now int64) {
		// Within the years that a date can have.
		at := time.Unix(now%(1<<36), 0)

		if pause, ok := parseRetryAfter(value, at); pause < 0 || !ok && pause != 0 {
			t.Errorf("%q at %s is %s, %t", value, at, pause, ok)
		}
	})
}

func FuzzPrintable(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		text, line := Printable(s), PrintableLine(s)

		if got := strings.NewReplacer("\n", "", "\t", "").Replace(text); !printable(strings.Join(strings.Fields(got), "")) {
			t.Errorf("%q becomes %q", s, text)
		}

		if !printable(line) || strings.Contains(line, "\n") || strings.Contains(line, "  ") {
			t.Errorf("%q becomes the line %q", s, line)
		}

		if again := Printable(text); again != text {
			t.Errorf("%q becomes %q and then %q", s, text, again)
		}

		if again := PrintableLine(line); again != line {
			t.Errorf("%q becomes the line %q and then %q", s, line, again)
		}

		if cut := truncate(line, 10); len(cut) > 10+len("…") || !utf8.ValidString(cut) {
			t.Errorf("%q is cut to %q", line, cut)
		}
	})
}
