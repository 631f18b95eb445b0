package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// server is a sandbox on loopback that also times uploads.
type server struct {
	*sandbox.Server

	front *httptest.Server
	// uploads gets the time of each upload, from the request's header to the end
	// of the response.
	uploads chan time.Duration
}

func serve(applications []sandbox.Application) *server {
	s := &server{Server: sandbox.New(sandbox.Options{Applications: applications}), uploads: make(chan time.Duration, 10)}
	s.HoldBuilds()
	s.front = httptest.NewServer(s)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	s.Server.ServeHTTP(w, r)
	if strings.HasSuffix(r.URL.Path, "/upload") {
		s.uploads <- time.Since(began)
	}
}

// close closes the sandbox first, because that ends the requests for which the
// HTTP server waits.
func (s *server) close() {
	s.Close()
	s.front.CloseClientConnections()
	s.front.Close()
}

// requests returns the requests since the last reset: "10 GetImport, 10 Stage".
func (s *server) requests() string {
	counts := s.Counts()
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[op], op))
	}
	return strings.Join(parts, ", ")
}

// idFormat is the format of the applications' IDs in Go and in Terraform.
const idFormat = "3f2504e0-4f89-41d3-9a0c-%012x"

// applications returns n applications whose IDs are the same in every run.
func applications(n int) []sandbox.Application {
	var all []sandbox.Application
	for i := range n {
		all = append(all, sandbox.Application{ID: fmt.Sprintf(idFormat, i), Name: fmt.Sprintf("Core Banking Module %04d", i), Priority: "High"})
	}
	return all
}
