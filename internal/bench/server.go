package bench

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const token = sandbox.DefaultToken

// server is a sandbox on loopback that also records when requests ended.
type server struct {
	*sandbox.Server

	front *httptest.Server

	// serving is locked for reading while a request is served: a client can
	// have its response before the request is recorded.
	serving sync.RWMutex

	mu           sync.Mutex
	exchanges    []exchange
	lastProtocol string
}

// exchange is one request, from the arrival of its header to the end of the
// response.
type exchange struct {
	sandbox.Request

	began, ended time.Time
}

// serve starts a server for plain HTTP.
func serve(o sandbox.Options) *server {
	s := newServer(o)
	s.front.Start()
	return s
}

// serveTLS starts a server for TLS, with HTTP/2 or with HTTP/1.1 only. front
// has its self-signed certificate.
func serveTLS(o sandbox.Options, http2 bool) *server {
	s := newServer(o)
	s.front.EnableHTTP2 = http2
	s.front.StartTLS()
	return s
}

func newServer(o sandbox.Options) *server {
	s := new(server)
	o.OnRequest = func(r sandbox.Request) {
		r.Header = nil
		s.mu.Lock()
		defer s.mu.Unlock()
		s.exchanges = append(s.exchanges, exchange{Request: r, ended: time.Now()})
	}
	s.Server = sandbox.New(o)
	s.front = httptest.NewUnstartedServer(s)
	// Some scenarios break connections; do not log that.
	s.front.Config.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.serving.RLock()
	defer s.serving.RUnlock()

	began := time.Now()
	s.Server.ServeHTTP(w, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastProtocol = r.Proto
	if strings.HasSuffix(r.URL.Path, "/upload") {
		// There is one upload at a time, so it is the last request that ended.
		s.exchanges[len(s.exchanges)-1].began = began
	}
}

func (s *server) url() string { return s.front.URL }

func (s *server) addr() string { return s.front.Listener.Addr().String() }

// protocol returns the HTTP version of the last request.
func (s *server) protocol() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lastProtocol
}

// get returns the body of a response without a connection.
func (s *server) get(ctx context.Context, path string) ([]byte, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.Server.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return nil, fmt.Errorf("GET %s: HTTP status %d", path, w.Code)
	}
	return w.Body.Bytes(), nil
}

// close closes the sandbox first: that ends requests that hang, for which the
// HTTP server waits.
func (s *server) close() {
	s.Close()
	s.front.CloseClientConnections()
	s.front.Close()
}

// reset drops the records of all requests so far.
func (s *server) reset() {
	s.ResetRequests()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchanges = nil
}

// finished returns the requests for one operation in the order in which they
// ended. It waits for the responses that are being sent.
func (s *server) finished(op sandbox.Operation) []exchange {
	s.serving.Lock()
	defer s.serving.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []exchange
	for _, e := range s.exchanges {
		if e.Operation == op {
			all = append(all, e)
		}
	}
	return all
}

// requests are numbers of requests by operation.
type requests map[sandbox.Operation]int

func (r requests) String() string {
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(r)) {
		parts = append(parts, fmt.Sprintf("%d %s", r[op], op))
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, ", ")
}

// applications returns n applications whose IDs are the same in every run.
func applications(n int) []sandbox.Application {
	all := make([]sandbox.Application, 0, n)
	for i := range n {
		all = append(all, sandbox.Application{
			ID: applicationID(i), Name: applicationName(i), Priority: "High",
			LastUpdated: time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC),
		})
	}
	return all
}

const (
	idFormat   = "3f2504e0-4f89-41d3-9a0c-%012x"
	nameFormat = "Core Banking Module %04d"
)

// countedID is Terraform's expression for applicationID(count.index).
const countedID = `format("` + idFormat + `", count.index)`

func applicationID(i int) string { return fmt.Sprintf(idFormat, i) }

func applicationName(i int) string { return fmt.Sprintf(nameFormat, i) }
