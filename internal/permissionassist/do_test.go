package permissionassist

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
)

// fuzzToken is a token that the responses contain.
const fuzzToken = "pa_f"

// sameResponse is a server with the same response to every request.
type sameResponse struct {
	status int
	header http.Header
	body   []byte
}

func (r sameResponse) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: r.status, Header: r.header.Clone(), Body: io.NopCloser(bytes.NewReader(r.body)), Request: req,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(r.body)),
	}, nil
}

// fuzzCalls are all requests that the client can send.
func fuzzCalls() []func(*testing.T, *Client) error {
	harmless := func(t *testing.T, id string, imp ApplicationImport, err error) error {
		t.Helper()
		if err == nil {
			wantHarmless(t, imp)
		}
		if err == nil && id != "" && !SameGUID(imp.ID, id) {
			t.Errorf("the import is %s instead of %s", imp.ID, id)
		}
		return err
	}
	return []func(*testing.T, *Client) error{
		func(t *testing.T, c *Client) error {
			imp, err := c.StageApplicationImport(t.Context(), appID)
			return harmless(t, "", imp, err)
		},
		func(t *testing.T, c *Client) error {
			imp, err := c.CancelApplicationImport(t.Context(), importID)
			return harmless(t, importID, imp, err)
		},
		func(t *testing.T, c *Client) error {
			imp, err := c.GetApplicationImport(t.Context(), importID)
			return harmless(t, importID, imp, err)
		},
		func(t *testing.T, c *Client) error {
			imports, err := c.RecentApplicationImports(t.Context(), appID)
			for _, imp := range imports {
				wantHarmless(t, imp)
			}
			return err
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
				if ValidateGUID(app.ID) != nil || !printable(app.Name) || len([]rune(app.Name)) > maxLine {
					t.Errorf("an application is %+v", app)
				}
			}
			return err
		},
	}
}

func wantHarmless(t *testing.T, imp ApplicationImport) {
	t.Helper()
	if ValidateGUID(imp.ID) != nil || imp.Metrics != nil && !json.Valid(imp.Metrics) {
		t.Errorf("the import is %+v", imp)
	}
	for _, line := range []string{imp.String(), string(imp.Status), imp.Type, imp.CreatedBy, imp.BuildStart, imp.BuildEnd} {
		if !printable(line) || bytes.ContainsAny([]byte(line), "\n") || bytes.Contains([]byte(line), []byte(fuzzToken)) {
			t.Errorf("a text is %q", line)
		}
	}
}

// No response to any request causes a panic, a "not found" other than the API's
// own, or an error with a secret or unprintable text.
func FuzzResponse(f *testing.F) {
	calls := fuzzCalls()
	imp := `{"id":"` + importID + `","number":42,"type":"Api","status":"Pending","createdBy":"ci pa_f","buildStart":null,"log":"a\u001b[31mb",
		"files":[{"id":"x"}],"metrics":{"a":1},"application":{"id":"` + appID + `","name":"Jack\u0007 Henry","priority":"high","isArchived":false}}`
	for call := range len(calls) {
		for _, body := range []string{
			"", "{}", "null", "[]", imp, "\xef\xbb\xbf" + imp, imp[:50], `{"id":"` + appID + `","x":{"pa_f":"pa_f"}}`, envelopeJSON("not_found", "pa_f \xff"),
			`{"items":[` + imp + `],"totalCount":1,"page":1,"totalPages":1}`, `{"items":` + itemsJSON(1, 3) + `}`, `{"items":null,"totalPages":9e9}`, "<html>pa_f",
		} {
			for _, status := range []uint16{0, 4, 102, 204, 302} {
				f.Add(byte(call), status, "application/json", "https://login.test/pa_f?pa_f", "5", []byte(body))
			}
		}
	}

	f.Fuzz(func(t *testing.T, call byte, status uint16, contentType, location, pause string, body []byte) {
		response := sameResponse{status: 200 + int(status)%400, header: http.Header{}, body: body}
		response.header["Content-Type"] = []string{contentType}
		response.header["Location"] = []string{location}
		response.header["Retry-After"] = []string{pause}

		synctest.Test(t, func(t *testing.T) {
			c := newClient(t, maxRetries(0), withTransport(response), func(cfg *Config) { cfg.Token = fuzzToken })
			err := calls[int(call)%len(calls)](t, c)
			if err == nil {
				return
			}
			if errors.Is(err, ErrNotFound) && !isNotFoundEnvelope(response) {
				t.Errorf("this counts as not found: %d %q", response.status, body)
			}
			if text := err.Error(); bytes.Contains([]byte(text), []byte(fuzzToken)) || !printable(text) {
				t.Errorf("the error is %q", text)
			}
		})
	})
}

func isNotFoundEnvelope(r sameResponse) bool {
	var envelope struct{ Error string }
	err := json.Unmarshal(bytes.TrimPrefix(r.body, []byte("\xef\xbb\xbf")), &envelope)
	return r.status == http.StatusNotFound && err == nil && envelope.Error == "not_found"
}
