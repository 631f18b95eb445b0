package bench

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const token = sandbox.DefaultToken

// server is a sandbox on loopback that also notes when requests ended.
type server struct {
	*sandbox.Server

	url   string
	front *http.Server

	// serving is held for reading while a request is served: a client can have
	// its answer before the request is noted.
	serving sync.RWMutex

	mu        sync.Mutex
	exchanges []exchange
}

// exchange is one request, from its header's arrival to the answer's end.
type exchange struct {
	sandbox.Request

	began, ended time.Time
}

func serve(ctx context.Context, o sandbox.Options) (*server, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://" + l.Addr().String()}
	o.OnRequest = func(r sandbox.Request) {
		r.Header = nil
		s.mu.Lock()
		defer s.mu.Unlock()
		s.exchanges = append(s.exchanges, exchange{Request: r, ended: time.Now()})
	}
	s.Server = sandbox.New(o)
	s.front = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.front.Serve(l) }()
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.serving.RLock()
	defer s.serving.RUnlock()

	began := time.Now()
	s.Server.ServeHTTP(w, r)
	if !strings.HasSuffix(r.URL.Path, "/upload") {
		return
	}
	// One upload at a time: it is the last one that ended.
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchanges[len(s.exchanges)-1].began = began
}

func (s *server) close() {
	s.Close()
	_ = s.front.Close()
}

// reset forgets the requests.
func (s *server) reset() {
	s.ResetRequests()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchanges = nil
}

// seen are the requests for one operation in the order in which they ended.
func (s *server) seen(op sandbox.Operation) []exchange {
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

// requests are numbers of requests by kind.
type requests map[sandbox.Operation]int

// counted are the requests since the last reset.
func (s *server) counted() requests { return s.Counts() }

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

// applications are n applications with IDs that are the same in every run.
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
