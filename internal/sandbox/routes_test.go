package sandbox_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestToken(t *testing.T) {
	const message = "Invalid or expired authentication token"
	for name, tc := range map[string]struct {
		header string
		ok     bool
	}{
		"right":              {"Bearer pa_secret", true},
		"scheme in any case": {"bearer pa_secret", true},
		"wrong":              {"Bearer pa_other", false},
		"prefix":             {"Bearer pa_sec", false},
		"other scheme":       {"Basic pa_secret", false},
		"bare":               {"pa_secret", false},
		"none":               {"", false},
		"empty":              {"Bearer ", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, sandbox.Options{Token: "pa_secret"})
			r := newRequest(http.MethodGet, "/api/applications", "")
			r.Header.Del("Authorization")
			if tc.header != "" {
				r.Header.Set("Authorization", tc.header)
			}
			got := serve(s, r)
			if tc.ok {
				if got.status != http.StatusOK {
					t.Errorf("got %d %s", got.status, got.text)
				}
			} else {
				wantError(t, s, got, http.StatusUnauthorized, "unauthorized", message)
			}
			if recorded := s.Requests()[0]; recorded.Authorized != tc.ok || recorded.Header.Get("Authorization") != "" {
				t.Errorf("recorded %+v", recorded)
			}
		})
	}

	t.Run("changed", func(t *testing.T) {
		s := newServer(t, sandbox.Options{})
		s.SetToken("pa_new")
		wantError(t, s, get(s, "/api/applications"), http.StatusUnauthorized, "unauthorized", message)
		s.SetToken(sandbox.DefaultToken)
		if got := get(s, "/api/applications"); got.status != http.StatusOK {
			t.Errorf("got %d", got.status)
		}
		s.SetToken("")
		wantError(t, s, get(s, "/api/applications"), http.StatusUnauthorized, "unauthorized", message)
	})

	t.Run("everywhere below /api", func(t *testing.T) {
		s := newServer(t, sandbox.Options{Token: "pa_secret"})
		for _, path := range []string{"/api/application-imports", "/api/applications/" + coreID, "/api/nothing"} {
			wantError(t, s, get(s, path), http.StatusUnauthorized, "unauthorized", message)
		}
	})
}

func TestOtherPathsAndMethods(t *testing.T) {
	for _, tc := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{http.MethodGet, "/", http.StatusNotFound, ""},
		{http.MethodGet, "/application-imports", http.StatusNotFound, ""},
		{http.MethodGet, "/api/", http.StatusNotFound, ""},
		{http.MethodGet, "/api/identities", http.StatusNotFound, ""},
		{http.MethodGet, "/api/identities/" + coreID, http.StatusNotFound, ""},
		{http.MethodGet, "/api/applications/", http.StatusNotFound, ""},
		{http.MethodGet, "/api/applications/" + coreID + "/more", http.StatusNotFound, ""},
		{http.MethodGet, "/api/application-imports/stage", http.StatusMethodNotAllowed, "POST"},
		{http.MethodPut, "/api/application-imports/cancel", http.StatusMethodNotAllowed, "POST"},
		{http.MethodGet, "/api/application-imports/upload", http.StatusMethodNotAllowed, "POST"},
		{http.MethodDelete, "/api/application-imports/" + coreID, http.StatusMethodNotAllowed, "GET"},
		{http.MethodPost, "/api/application-imports", http.StatusMethodNotAllowed, "GET"},
		{http.MethodPost, "/api/applications", http.StatusMethodNotAllowed, "GET"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			s := newServer(t, sandbox.Options{})
			got := serve(s, newRequest(tc.method, tc.path, ""))
			wantPage(t, got, tc.status)
			if allow := got.header.Get("Allow"); allow != tc.allow {
				t.Errorf("Allow is %q, want %q", allow, tc.allow)
			}
			if s.Count(sandbox.OpOther) != 1 {
				t.Error("not counted as another operation")
			}
		})
	}
}

// brokenReader is the body of a request that is cut off.
type brokenReader struct{ r *strings.Reader }

func (b brokenReader) Read(p []byte) (int, error) {
	if b.r.Len() > 0 {
		return b.r.Read(p)
	}
	return 0, errors.New("connection reset")
}

func TestJSONBodies(t *testing.T) {
	const path = "/api/application-imports/stage"
	t.Run("wrong content type", func(t *testing.T) {
		for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", ";"} {
			s := newServer(t, sandbox.Options{})
			r := newRequest(http.MethodPost, path, `{"applicationId":"`+coreID+`"}`)
			r.Header.Set("Content-Type", kind)
			wantPage(t, serve(s, r), http.StatusUnsupportedMediaType)
		}
	})
	t.Run("charset is fine", func(t *testing.T) {
		s := newServer(t, sandbox.Options{})
		r := newRequest(http.MethodPost, path, `{"applicationId":"`+coreID+`"}`)
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		if got := serve(s, r); got.status != http.StatusCreated {
			t.Errorf("got %d %s", got.status, got.text)
		}
	})
	t.Run("too large", func(t *testing.T) {
		s := newServer(t, sandbox.Options{})
		wantPage(t, post(s, path, strings.Repeat(" ", 2<<20)), http.StatusRequestEntityTooLarge)
	})
	t.Run("cut off", func(t *testing.T) {
		s := newServer(t, sandbox.Options{})
		r := newRequest(http.MethodPost, path, "{}")
		r.Body = http.NoBody
		r.Body = readCloser{brokenReader{strings.NewReader(`{"applicationId":`)}}
		wantError(t, s, serve(s, r), http.StatusBadRequest, "validation_error", "The request body could not be read")
	})
}

type readCloser struct{ brokenReader }

func (readCloser) Close() error { return nil }
