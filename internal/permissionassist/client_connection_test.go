package permissionassist

import (
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// passThrough forwards TCP connections to a server. It can drop the traffic of
// existing connections, like a firewall that has forgotten them. New
// connections work.
type passThrough struct {
	net.Listener
	target string

	mu    sync.Mutex
	conns []*passedConn
}

type passedConn struct {
	swallow atomic.Bool
	// closed is closed once the client has closed its end.
	closed chan struct{}
}

// startPassThrough returns it with the URL to use instead of serverURL.
func startPassThrough(t *testing.T, serverURL string) (*passThrough, string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	p := &passThrough{Listener: l, target: u.Host}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.target)
			if err != nil {
				_ = client.Close()

				continue
			}
			p.pass(client, server)
		}
	}()
	u.Host = l.Addr().String()

	return p, u.String()
}

func (p *passThrough) pass(client, server net.Conn) {
	conn := &passedConn{closed: make(chan struct{})}
	p.mu.Lock()
	p.conns = append(p.conns, conn)
	p.mu.Unlock()
	forward := func(to io.Writer, from io.Reader) {
		data := make([]byte, 32<<10)
		for {
			n, err := from.Read(data)
			if !conn.swallow.Load() {
				_, _ = to.Write(data[:n])
			}
			if err != nil {
				return
			}
		}
	}
	go func() {
		forward(server, client)
		close(conn.closed)
		_ = server.Close()
	}()
	go func() {
		forward(client, server)
		_ = client.Close()
	}()
}

// swallow has all connections die silently, and returns them.
func (p *passThrough) swallow() []*passedConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		conn.swallow.Store(true)
	}

	return p.conns[:len(p.conns):len(p.conns)]
}

func (p *passThrough) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()

	return len(p.conns)
}

// An HTTP/2 connection that dies silently is noticed by pings, idle or not. This
// takes real time, because pings do.
func TestDeadHTTP2Connection(t *testing.T) {
	t.Parallel()

	for _, state := range []string{"idle", "in use"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()

			s, serverURL, caPEM := sandboxtest.StartTLS(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}}})
			p, url := startPassThrough(t, serverURL)
			c := newSocketClient(t, url, maxRetries(1), func(cfg *Config) { cfg.CACertPEM = caPEM })
			if _, err := c.GetApplication(t.Context(), appID); err != nil {
				t.Fatal(err)
			}

			start, dead := time.Now(), p.swallow()
			if state == "idle" {
				select {
				case <-dead[0].closed:
				case <-time.After(3 * deadConnectionPing):
					t.Fatal("the connection is still in use")
				}
			}
			if _, err := c.GetApplication(t.Context(), appID); err != nil {
				t.Error(err)
			}
			wantElapsed(t, start, deadConnectionPing, 4*deadConnectionPing)
			if s.Count("") != 2 || p.count() != 2 {
				t.Errorf("%d requests over %d connections, want 2 over 2", s.Count(""), p.count())
			}
		})
	}
}

// An HTTP/1.1 connection that dies silently costs one timeout, and the other idle
// connections are then not tried.
func TestDeadHTTP1Connections(t *testing.T) {
	t.Parallel()

	const parallel = 5
	var (
		together sync.WaitGroup
		arrived  = make(chan struct{}, parallel)
		release  = make(chan struct{})
	)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, appID) {
			arrived <- struct{}{}
			<-release
		}
		goodApplication()(w, req)
	}))
	server.StartTLS()
	t.Cleanup(server.Close)
	p, url := startPassThrough(t, server.URL)
	c := newSocketClient(t, url, maxRetries(1), requestTimeout(10*time.Second), func(cfg *Config) {
		cfg.CACertPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	})
	for range parallel {
		together.Go(func() {
			if _, err := c.GetApplication(t.Context(), appID); err != nil {
				t.Error(err)
			}
		})
	}
	for range parallel {
		<-arrived
	}
	close(release)
	together.Wait()
	p.swallow()

	// Short from now on.
	c.timeout = time.Second
	_, err := c.do(t.Context(), c.get(OperationGetApplication, maxPageBytes, nil, "applications"))
	if err != nil || p.count() != parallel+1 {
		t.Errorf("%d connections, want %d, %v", p.count(), parallel+1, err)
	}
}
