package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestToken(t *testing.T) {
	s := newServer(t, sandbox.Options{Token: "pa_secret"})
	for header, ok := range map[string]bool{
		"Bearer pa_secret": true, "bearer pa_secret": true,
		"Bearer pa_other": false, "Bearer pa_sec": false, "Basic pa_secret": false, "pa_secret": false, "": false, "Bearer ": false,
	} {
		r := newRequest(http.MethodGet, "/api/applications", "", "")
		r.Header.Set("Authorization", header)
		got := serve(s, r)
		if !ok {
			wantError(t, got, http.StatusUnauthorized, "unauthorized")
		} else if got.status != http.StatusOK {
			t.Errorf("%q: %d %s", header, got.status, got.text)
		}
		requests := s.Requests()
		if last := requests[len(requests)-1]; last.Authorized != ok || last.Header.Get("Authorization") != "" {
			t.Errorf("%q: recorded %+v", header, last)
		}
	}
	wantError(t, get(s, "/api/nothing"), http.StatusUnauthorized, "unauthorized")

	s.SetToken(sandbox.DefaultToken)
	if got := get(s, "/api/applications"); got.status != http.StatusOK {
		t.Errorf("changed: %d", got.status)
	}
	s.SetToken("")
	wantError(t, get(s, "/api/applications"), http.StatusUnauthorized, "unauthorized")
}

func TestRoutes_other(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	for request, allow := range map[string]string{ // the Allow header; empty for a 404
		"GET /":                                     "",
		"GET /api/people/" + coreID:                 "",
		"POST /api/identities":                      "GET",
		"GET /api/identities/":                      "",
		"GET /api/applications/":                    "",
		"GET /api/applications/" + coreID + "/more": "",
		"GET " + stagePath:                          "POST",
		"PUT /api/application-imports/cancel":       "POST",
		"DELETE /api/application-imports/" + coreID: "GET",
		"POST /api/application-imports":             "GET",
	} {
		method, path, _ := strings.Cut(request, " ")
		s.ResetRequests()
		got := serve(s, newRequest(method, path, "", ""))
		status := http.StatusNotFound
		if allow != "" {
			status = http.StatusMethodNotAllowed
		}
		wantPage(t, got, status)
		if got.header.Get("Allow") != allow || s.Count(sandbox.OpOther) != 1 {
			t.Errorf("%s: Allow is %q, counted as %v", request, got.header.Get("Allow"), s.Counts())
		}
	}
}

func TestRoutes_bodies(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	for contentType, status := range map[string]int{
		"": 415, "text/plain": 415, ";": 415, "application/json; charset=utf-8": 201,
	} {
		if got := serve(s, newRequest(http.MethodPost, stagePath, contentType, stageRequest(coreID))); got.status != status {
			t.Errorf("%q: %d %s", contentType, got.status, got.text)
		}
	}
	wantError(t, post(s, stagePath, strings.Repeat(" ", 2<<20)), http.StatusBadRequest, "validation_error", "could not be read")

	cutOff := newRequest(http.MethodPost, stagePath, "application/json", "{}")
	cutOff.Body = io.NopCloser(iotest.ErrReader(errors.New("connection reset")))
	wantError(t, serve(s, cutOff), http.StatusBadRequest, "validation_error", "could not be read")
}
