package permissionassist_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

const (
	token    = "pa_test_f00dcafe"
	guid     = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	guidPath = "/api/application-imports/" + guid
)

// newClient returns a client of a server that answers always the same.
func newClient(t *testing.T, status int, contentType, body string) *permissionassist.Client {
	t.Helper()

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}

		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)

	never := 0

	c, err := permissionassist.New(permissionassist.Config{Endpoint: server.URL, Token: token, MaxRetries: &never})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(c.Close)

	return c
}

var sentinels = map[error]string{
	permissionassist.ErrNotFound: "ErrNotFound", permissionassist.ErrConflict: "ErrConflict",
	permissionassist.ErrUnauthorized: "ErrUnauthorized", permissionassist.ErrForbidden: "ErrForbidden",
	permissionassist.ErrRequestTimeout: "ErrRequestTimeout", permissionassist.ErrNotListed: "ErrNotListed",
}

// wantOnly checks that err is that sentinel and no other; nil means none.
func wantOnly(t *testing.T, err, want error) {
	t.Helper()

	for sentinel, name := range sentinels {
		if errors.Is(err, sentinel) != errors.Is(want, sentinel) {
			t.Errorf("errors.Is(%v, %s) is %v", err, name, errors.Is(err, sentinel))
		}
	}
}

func TestAPIErrors(t *testing.T) {
	t.Parallel()

	const correlationID = "a1b2c3d4e5f67890abcdef1234567890"

	for _, test := range []struct {
		status int
		code   string
		is     error
	}{
		{400, "validation_error", nil},
		{401, "unauthorized", permissionassist.ErrUnauthorized},
		{403, "forbidden", permissionassist.ErrForbidden},
		{404, "not_found", permissionassist.ErrNotFound},
		{409, "conflict", permissionassist.ErrConflict},
		{422, "unprocessable_entity", nil},
		{500, "server_error", nil},
		{500, "creation_failed", nil},
		{418, "teapot", nil},    // a new one, known by its correlation ID
		{404, "gone_away", nil}, // not not_found
		{410, "not_found", nil}, // not 404
	} {
		t.Run(fmt.Sprintf("%d %s", test.status, test.code), func(t *testing.T) {
			t.Parallel()

			c := newClient(t, test.status, "application/json", "\xef\xbb\xbf"+`{"error":"`+test.code+`","message":"One or\nmore \u001b[31merrors",
				"correlationId":"`+correlationID+`","errors":[{"field":"applicationId","message":"Application is archived"},{"field":null}],"extra":1}`)

			_, err := c.GetImport(t.Context(), guid, "")
			wantOnly(t, err, test.is)

			var api *permissionassist.APIError
			if !errors.As(err, &api) {
				t.Fatalf("the error is a %T: %v", err, err)
			}

			want := &permissionassist.APIError{
				StatusCode: test.status, Code: test.code, Message: `One or more \x1b[31merrors`, CorrelationID: correlationID,
				Fields: []permissionassist.FieldError{{Field: "applicationId", Message: "Application is archived"}, {}},
				Method: http.MethodGet, Path: guidPath,
			}
			if diff := cmp.Diff(want, api); diff != "" {
				t.Errorf("the error (-want +got):\n%s", diff)
			}

			text := fmt.Sprintf(`GET %s: %d %s: One or more \x1b[31merrors; applicationId: Application is archived; : (correlation ID %s)`,
				guidPath, test.status, test.code, correlationID)
			if strings.Join(strings.Fields(err.Error()), " ") != text {
				t.Errorf("the error is %q, want %q", err, text)
			}
		})
	}
}

func TestAPIErrorForms(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		body   string
		fields int
	}{
		"message only":        {`{"error":"not_found","message":"No","correlationId":null,"errors":null}`, 0},
		"ID only":             {`{"error":"not_found","message":null,"correlationId":"1"}`, 0},
		"errors as an object": {`{"error":"not_found","message":"No","errors":{"applicationId":["bad"]}}`, 0},
		"errors as text":      {`{"error":"not_found","message":"No","errors":"bad"}`, 0},
		"errors":              {`{"error":"not_found","message":"No","errors":[{"field":"a","message":"b","code":7}]}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := newClient(t, 404, "text/plain", test.body).GetImport(t.Context(), guid, "")
			wantOnly(t, err, permissionassist.ErrNotFound)

			var api *permissionassist.APIError
			if !errors.As(err, &api) || len(api.Fields) != test.fields {
				t.Errorf("the error is %T %+v", err, err)
			}

			if api != nil && api.CorrelationID == "" && strings.Contains(err.Error(), "correlation") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// What is not the API is told so, whatever it looks like.
func TestUnexpectedResponses(t *testing.T) {
	t.Parallel()

	const html = "text/html; charset=utf-8"

	page := "<html>\r\n<head><title>Oh no\x1b[2J</title></head>" + strings.Repeat("<p>é</p>\n", 100)

	for name, test := range map[string]struct {
		status            int
		contentType, body string
		excerpt           string
		is                error
	}{
		"404 page":                  {404, html, page, `<html> <head><title>Oh no\x1b[2J</title></head><p>é</p> <p>é`, nil},
		"405 page":                  {405, html, page, "<html>", nil},
		"502 page":                  {502, html, page, "<html>", nil},
		"409 page":                  {409, html, page, "<html>", nil},
		"401 page":                  {401, html, page, "<html>", permissionassist.ErrUnauthorized},
		"403 page":                  {403, html, page, "<html>", permissionassist.ErrForbidden},
		"404 empty":                 {404, "", "", "", nil},
		"404 {}":                    {404, "application/json", "{}", "{}", nil},
		"404 []":                    {404, "application/json", "[]", "[]", nil},
		"404 null":                  {404, "application/json", "null", "null", nil},
		"404 broken":                {404, "application/json", `{"error":"not_found"`, `{"error":"not_found"`, nil},
		"404 of another framework":  {404, "application/json", `{"error":"Not Found","status":404,"path":"/api"}`, `{"error":"Not Found"`, nil},
		"404 problem details":       {404, "application/problem+json", `{"title":"Not Found","traceId":"1"}`, `{"title"`, nil},
		"404 error of another type": {404, "application/json", `{"error":{"code":"not_found"},"correlationId":"1"}`, `{"error":{`, nil},
		"404 correlation ID only":   {404, "application/json", `{"correlationId":"1"}`, `{"correlationId"`, nil},
		"200 login page":            {200, html, page, "<html>", nil},
		"200 empty":                 {200, "", "", "", nil},
		"200 {}":                    {200, "application/json", "{}", "{}", nil},
		"200 []":                    {200, "application/json", "[]", "[]", nil},
		"200 null":                  {200, "application/json", "null", "null", nil},
		"200 broken":                {200, "application/json", `{"id":"` + guid, `{"id"`, nil},
		"200 and more":              {200, "application/json", `{"id":"` + guid + `"}{}`, `{"id"`, nil},
		"200 wrong types":           {200, "application/json", `{"id":"` + guid + `","status":5}`, `{"id"`, nil},
		"200 no GUID":               {200, "application/json", `{"id":"../x"}`, `{"id"`, nil},
		"404 of a gateway":          {404, "application/json", `{"error":"not_found"}`, `{"error"`, nil},
		"404 of a gateway, longer":  {404, "application/json", `{"error":"not_found","code":404,"path":"/x"}`, `{"error"`, nil},
		"200 envelope":              {200, "application/json", `{"error":"not_found","message":"No","correlationId":"1"}`, `{"error"`, nil},
		"204":                       {204, "", "", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c := newClient(t, test.status, test.contentType, test.body)

			_, err := c.GetImport(t.Context(), guid, "")
			wantOnly(t, err, test.is)

			var unexpected *permissionassist.UnexpectedResponseError
			if !errors.As(err, &unexpected) {
				t.Fatalf("the error is a %T: %v", err, err)
			}

			if unexpected.StatusCode != test.status || unexpected.ContentType != test.contentType || unexpected.Method != http.MethodGet ||
				unexpected.Reason == "" || !strings.HasPrefix(unexpected.Path, "/api/application-imports") {
				t.Errorf("the error is %+v", unexpected)
			}

			if !strings.HasPrefix(unexpected.Excerpt, test.excerpt) || (test.excerpt == "") != (unexpected.Excerpt == "") || len(unexpected.Excerpt) > 310 {
				t.Errorf("the excerpt is %q, want %q", unexpected.Excerpt, test.excerpt)
			}

			for _, part := range []string{fmt.Sprint(test.status), test.contentType, unexpected.Reason, "GET /api/application-imports"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not tell %q: %v", part, err)
				}
			}

			if strings.ContainsAny(err.Error(), "\x1b\n\r") {
				t.Errorf("the error has control characters: %q", err)
			}
		})
	}
}
