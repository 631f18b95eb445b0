package permissionassist

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// newProxy starts a proxy that responds to each CONNECT with a status and, if that
// is 200, connects to target. It counts the CONNECTs.
func newProxy(t *testing.T, status int, target string) (url string, connects *atomic.Int64) {
	t.Helper()

	connects = &atomic.Int64{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		connects.Add(1)
		w.WriteHeader(status)
		if req.Method != http.MethodConnect || status != http.StatusOK {
			return
		}
		server, err := (&net.Dialer{}).DialContext(req.Context(), "tcp", target)
		if err != nil {
			t.Error(err)

			return
		}
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)

			return
		}
		go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}))
	t.Cleanup(proxy.Close)

	return proxy.URL, connects
}

// A wrong password for the proxy is offered once, however many requests there
// are: many attempts lock the account.
func TestProxy_refused(t *testing.T) {
	for name, tc := range map[string]struct{ status, connects int }{
		"wrong password": {http.StatusProxyAuthRequired, 1},
		"forbidden":      {http.StatusForbidden, 5}, // once for each request
		"bad gateway":    {http.StatusBadGateway, 10},
	} {
		t.Run(name, func(t *testing.T) {
			url, connects := newProxy(t, tc.status, "")
			t.Setenv("HTTPS_PROXY", strings.Replace(url, "http://", "http://user:secret@", 1))
			t.Setenv("NO_PROXY", "")
			retries := 1
			c, err := New(Config{Endpoint: "https://pa.test", Token: testToken, MaxRetries: &retries})
			if err != nil {
				t.Fatal(err)
			}

			var wg sync.WaitGroup
			for range 5 {
				wg.Go(func() {
					_, err := c.GetApplication(t.Context(), appID)
					var proxy *ProxyError
					if !errors.As(err, &proxy) || proxy.StatusCode != tc.status {
						t.Errorf("the error is %v", err)

						return
					}
					wantNotContains(t, err.Error(), "secret")
				})
			}
			wg.Wait()

			if got := int(connects.Load()); got != tc.connects {
				t.Errorf("the proxy got %d requests, want %d", got, tc.connects)
			}
		})
	}
}

// A variable that is not the address of a proxy is an error: net/http ignores it
// and connects directly.
func TestProxy_invalidVariable(t *testing.T) {
	for _, value := range []string{"http://proxy.test:port", "://", "ftp://proxy.test", "http://%zz", "http://user:pa ss@proxy.test"} {
		t.Setenv("HTTPS_PROXY", value)
		_, err := New(Config{Endpoint: "https://pa.test", Token: testToken})
		config := wantErrorAs[*ConfigError](t, err)
		wantContains(t, config.Error(), "HTTPS_PROXY")
		wantNotContains(t, config.Error(), "pa ss")
	}

	for _, value := range []string{"", "http://proxy.test:8080", "proxy.test:8080", "socks5://proxy.test"} {
		t.Setenv("HTTPS_PROXY", value)
		if _, err := New(Config{Endpoint: "https://pa.test", Token: testToken}); err != nil {
			t.Errorf("%q: %v", value, err)
		}
	}
}

// A proxy that accepts the password gets the requests in parallel.
func TestProxy_accepted(t *testing.T) {
	api := httptest.NewTLSServer(newSandbox(t, sandbox.Options{}))
	t.Cleanup(api.Close)
	url, connects := newProxy(t, http.StatusOK, api.Listener.Addr().String())
	t.Setenv("HTTPS_PROXY", strings.Replace(url, "http://", "http://user:secret@", 1))
	t.Setenv("NO_PROXY", "")

	c, err := New(Config{Endpoint: "https://example.com", Token: testToken, CACertPEM: []byte(pemOf("CERTIFICATE", api.Certificate().Raw))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for range 2 {
		if _, err := c.GetApplication(t.Context(), appID); err != nil {
			t.Fatal(err)
		}
	}
	if connects.Load() == 0 {
		t.Error("the proxy was not used")
	}
}
