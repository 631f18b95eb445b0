package permissionassist

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wantOnly checks that err is that sentinel and no other; nil means none.
func wantOnly(t *testing.T, err, want error) {
	t.Helper()
	for _, sentinel := range []error{
		ErrNotFound, ErrGone, ErrConflict, ErrUnauthorized, ErrForbidden, ErrRequestTimeout, ErrNotListed, ErrNoImports,
	} {
		if errors.Is(err, sentinel) != errors.Is(want, sentinel) {
			t.Errorf("errors.Is(%v, %v) is %t", err, sentinel, errors.Is(err, sentinel))
		}
	}
}

func getImportFrom(t *testing.T, respond http.HandlerFunc) error {
	t.Helper()
	return getImport(t.Context(), newTestClient(t, responding(respond), maxRetries(0)))
}

func TestAPIError(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		status int
		code   string
		is     error
	}{
		{401, "unauthorized", ErrUnauthorized},
		{403, "forbidden", ErrForbidden},
		{404, "not_found", ErrNotFound},
		{409, "conflict", ErrConflict},
		{422, "unprocessable_entity", nil},
		{418, "teapot", nil},    // a new one, recognized by its correlation ID
		{404, "gone_away", nil}, // not not_found
		{410, "not_found", nil}, // not 404
	} {
		err := getImportFrom(t, replyJSON(test.status, "\xef\xbb\xbf"+`{"error":"`+test.code+`","message":"One or\nmore \u001b[31merrors",
			"correlationId":"a1\nb2","errors":[{"field":"applicationId","message":"Application is\narchived"},{"field":null}],"extra":1}`))
		wantOnly(t, err, test.is)

		want := &APIError{
			Request: Request{
				Operation: OperationGetImport, Method: "GET", Path: "/api/application-imports/" + importID, Attempts: 1,
				SendState: SendState{Connected: true, Complete: true},
			},
			Response: Response{StatusCode: test.status}, Code: test.code, Message: `One or more \x1b[31merrors`, CorrelationID: "a1 b2",
			Fields: []FieldError{{Field: "applicationId", Message: "Application is archived"}, {}},
		}
		if diff := cmp.Diff(want, wantErrorAs[*APIError](t, err), cmp.AllowUnexported(Request{})); diff != "" {
			t.Errorf("the error (-want +got):\n%s", diff)
		}
		wantContains(t, err.Error(), fmt.Sprint(test.status), test.code, want.Message, "Application is archived", "a1 b2", "GET /api/")
	}
}

// The API's envelope is distinguished from the JSON of a proxy or a framework.
func TestAPIError_envelopes(t *testing.T) {
	t.Parallel()

	for body, fields := range map[string]int{
		`{"error":"not_found","message":"No","correlationId":null,"errors":null}`:      0,
		`{"error":"not_found","message":null,"correlationId":"1"}`:                     0,
		`{"error":"not_found","message":"No","errors":{"applicationId":["bad"]}}`:      0,
		`{"error":"not_found","message":"No","errors":[{"field":"a","message":1},{}]}`: 2,
		`{"error":"not_found"}`:                                                             -1,
		`{"error":"Not Found","status":404,"path":"/api"}`:                                  -1,
		`{"error":"Not Found","message":"No such page"}`:                                    -1,
		`{"error":{"code":"not_found"},"correlationId":"1"}`:                                -1,
		`{"correlationId":"1"}`:                                                             -1,
		`{"error":"not_found","message":"No"`:                                               -1,
		`[{"error":"not_found","message":"No"}]`:                                            -1,
		`{"error":"not_found","message":"No","correlationId":"1"} {"and":"something more"}`: -1,
	} {
		var api *APIError
		err := getImportFrom(t, reply(404, "text/plain", body))
		if isAPI := errors.As(err, &api); isAPI != (fields >= 0) || isAPI && len(api.Fields) != fields {
			// A 404 that is not the API's reads the list, which is not there either.
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Responses that did not come from the API are never "not found".
func TestUnexpectedResponseError(t *testing.T) {
	t.Parallel()

	page := "<html>\n<h1>Gone\x1b[2J</h1>" + strings.Repeat("x", 5000)
	for name, test := range map[string]struct {
		respond http.HandlerFunc
		status  int
		is      error
	}{
		"401 page":      {reply(401, "text/html", page, "WWW-Authenticate: Negotiate"), 401, ErrUnauthorized},
		"403 page":      {reply(403, "text/html", page), 403, ErrForbidden},
		"404 page":      {reply(404, "text/html", page), 404, nil},
		"200 page":      {reply(200, "text/html", page), 200, nil},
		"200 {}":        {replyJSON(200, "{}"), 200, nil},
		"200 null":      {replyJSON(200, "null"), 200, nil},
		"200 cut":       {replyJSON(200, `{"id":"`+importID), 200, nil},
		"200 and more":  {replyJSON(200, importJSON(importID)+"{}"), 200, nil},
		"200 no GUID":   {replyJSON(200, `{"id":"../x"}`), 200, nil},
		"200 envelope":  {replyJSON(200, envelopeJSON("not_found", "No")), 200, nil},
		"204":           {reply(204, "", ""), 204, nil},
		"another item":  {replyJSON(200, importJSON(unknownID)), 200, nil},
		"304 no target": {reply(304, "", ""), 304, nil},
	} {
		err := getImportFrom(t, test.respond)
		wantOnly(t, err, test.is)
		unexpected := wantErrorAs[*UnexpectedResponseError](t, err)
		if unexpected.StatusCode != test.status || unexpected.Reason == "" || len(unexpected.Excerpt) > 310 {
			t.Errorf("%s: the error is %+v", name, unexpected)
		}
		if name == "401 page" && unexpected.WWWAuthenticate != "Negotiate" {
			t.Errorf("WWW-Authenticate is %q", unexpected.WWWAuthenticate)
		}
		wantContains(t, err.Error(), fmt.Sprint(test.status), unexpected.Reason, "GET /api/application-imports")
		wantNotContains(t, err.Error(), "\x1b", "\n")
	}
}
