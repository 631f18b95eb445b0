package permissionassist

import (
	"bytes"
	"context"
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

// No response to any request causes a panic, a "not found" other than the API's
// own, or an error with a secret or unprintable text.
func FuzzResponse(f *testing.F) {
	calls := []func(context.Context, *Client) error{stageImport, cancelImport, getImport, listImports, getApplication, listApplications}
	imp := `{"id":"` + importID + `","number":42,"type":"Api","status":"Pending","createdBy":"ci pa_f","buildStart":null,"log":"a\u001b[31mb",
		"files":[{"id":"x"}],"metrics":{"a":1},"application":{"id":"` + appID + `","name":"Jack\u0007 Henry","isArchived":false}}`
	for call := range len(calls) {
		for _, body := range []string{
			"", "{}", "null", "[]", imp, "\xef\xbb\xbf" + imp, imp[:50], `{"id":"` + appID + `","x":{"pa_f":"pa_f"}}`,
			envelopeJSON("not_found", "pa_f \xff"), `{"items":[` + imp + `],"totalCount":1,"page":1,"totalPages":1}`,
			`{"items":` + itemsJSON(1, 3) + `}`, `{"items":null,"totalPages":9e9}`, "<html>pa_f",
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
			err := calls[int(call)%len(calls)](t.Context(), c)
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
