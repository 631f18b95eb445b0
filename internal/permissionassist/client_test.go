package permissionassist

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func TestNew(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		change func(*Config)
		field  string
	}{
		"http":               {func(c *Config) { c.Endpoint = "http://pa.example.com" }, "Endpoint"},
		"token with newline": {func(c *Config) { c.Token += "\n" }, "Token"},
		"negative timeout":   {requestTimeout(-time.Second), "RequestTimeout"},
		"negative retries":   {maxRetries(-1), "MaxRetries"},
	} {
		cfg := Config{Endpoint: testEndpoint, Token: testToken}
		test.change(&cfg)
		_, err := New(cfg)
		if config := wantErrorAs[*ConfigError](t, err); config.Field != test.field || config.Unwrap() == nil {
			t.Errorf("%s: %v", name, err)
		}
		wantContains(t, err.Error(), test.field+": ")
		wantNotContains(t, err.Error(), testToken)
	}
	if _, err := New(Config{Endpoint: "http://pa.example.com", Token: testToken, AllowInsecureHTTP: true}); err != nil {
		t.Errorf("http if it is allowed: %v", err)
	}
}

func TestValidateToken(t *testing.T) {
	t.Parallel()

	for _, good := range []string{testToken, "x", "!~", "eyJhbGciOi.J9-_+/==", "pa_$(x)", "%3D", "$1"} {
		if err := ValidateToken(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for bad, part := range map[string]string{
		"": "is empty", "s3cret\n": "position 7", " s3cret": "position 1", "s3cret\ts3cret": "position 7",
		"s3cret\x00": "position 7", "s3cret\x7f": "position 7", "s3crét": "position 5", "s3cret s3cret": "position 7",
		"bearer s3cret": "leave that out",
		`"s3cret"`:      "quotation mark", `'s3cret'`: "quotation mark", `s3cret"`: "quotation mark", `"`: "quotation mark",
		"$(s3cret)": "never filled in", "$(s3cret.a-b)": "never filled in", "${s3cret}": "never filled in", "%s3cret%": "never filled in",
		"${{ secrets.s3cret }}": "never filled in", "$env:s3cret": "never filled in", "$s3cret": "never filled in",
		"#{s3cret}#": "never filled in", "***": "never filled in",
	} {
		err := ValidateToken(bad)
		if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "s3c") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// lossyNetwork is the network of a client. It can drop what the client sends
// over existing connections, like a firewall that has forgotten them. New
// connections work.
type lossyNetwork struct {
	mu    sync.Mutex
	conns []*lossyConn
}

type lossyConn struct {
	net.Conn
	drops  atomic.Bool
	closed chan struct{} // once the client has closed it
	close  func()
}

func (c *lossyConn) Write(data []byte) (int, error) {
	if c.drops.Load() {
		return len(data), nil
	}
	return c.Conn.Write(data)
}

func (c *lossyConn) Close() error {
	c.close()
	return c.Conn.Close()
}

func newLossyNetwork(c *Client) *lossyNetwork {
	n := &lossyNetwork{}
	transport := c.transport.(*http.Transport) //nolint:forcetypeassert // see New
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		closed := make(chan struct{})
		lossy := &lossyConn{Conn: conn, closed: closed, close: sync.OnceFunc(func() { close(closed) })}

		n.mu.Lock()
		defer n.mu.Unlock()
		n.conns = append(n.conns, lossy)
		return lossy, nil
	}
	return n
}

// swallow has all connections die silently, and returns them.
func (n *lossyNetwork) swallow() []*lossyConn {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, conn := range n.conns {
		conn.drops.Store(true)
	}
	return slices.Clone(n.conns)
}

// An HTTP/2 connection that dies silently is noticed by pings, idle or not.
// This takes real time, because pings do.
func TestClient_deadHTTP2Connection(t *testing.T) {
	t.Parallel()

	for _, state := range []string{"idle", "in use"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()

			s, url, caPEM := sandboxtest.StartTLS(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}}})
			c := newSocketClient(t, url, maxRetries(1), trusting(caPEM))
			network := newLossyNetwork(c)
			if err := getApplication(t.Context(), c); err != nil {
				t.Fatal(err)
			}

			start, dead := time.Now(), network.swallow()
			if state == "idle" {
				select {
				case <-dead[0].closed:
				case <-time.After(3 * deadConnectionPing):
					t.Fatal("the connection is still in use")
				}
			}
			if err := getApplication(t.Context(), c); err != nil {
				t.Error(err)
			}
			wantElapsed(t, start, deadConnectionPing, 4*deadConnectionPing)
			if conns := len(network.swallow()); s.Count("") != 2 || conns != 2 {
				t.Errorf("%d requests over %d connections, want 2 over 2", s.Count(""), conns)
			}
		})
	}
}

// An HTTP/1.1 connection that dies silently costs one timeout, and the other
// idle connections are then not tried.
func TestClient_deadHTTP1Connections(t *testing.T) {
	t.Parallel()

	const parallel = 5
	var (
		together sync.WaitGroup
		arrived  = make(chan struct{}, parallel)
		release  = make(chan struct{})
	)
	server := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, appID) {
			arrived <- struct{}{}
			<-release
		}
		goodApplication()(w, req)
	}))
	c := newSocketClient(t, server.URL, maxRetries(1), requestTimeout(10*time.Second), trusting(certificateOf(server)))
	network := newLossyNetwork(c)
	for range parallel {
		together.Go(func() {
			if err := getApplication(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	for range parallel {
		<-arrived
	}
	close(release)
	together.Wait()
	network.swallow()

	// Short from now on.
	c.timeout = time.Second
	_, err := c.do(t.Context(), c.get(OperationGetApplication, maxPageBytes, nil, "applications"))
	if conns := len(network.swallow()); err != nil || conns != parallel+1 {
		t.Errorf("%d connections, want %d, %v", conns, parallel+1, err)
	}
}
