package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// newProxy starts a proxy with a password, for all requests of the test. It
// responds to each CONNECT with a status and, if that is 200, connects to
// target. Other requests go to s. It counts the CONNECTs.
func newProxy(t *testing.T, status int, target string, s http.Handler) *atomic.Int64 {
	t.Helper()
	connects := &atomic.Int64{}
	proxy := serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodConnect {
			s.ServeHTTP(w, req)
			return
		}
		connects.Add(1)
		if len(req.Header["Authorization"]) != 0 {
			t.Error("the proxy gets the token")
		}
		w.WriteHeader(status)
		if status != http.StatusOK {
			return
		}
		server, err := (&net.Dialer{}).DialContext(req.Context(), "tcp", target)
		if err != nil {
			t.Error(err)
			return
		}
		client, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		go func() { _, _ = io.Copy(server, buffered); _ = server.Close() }() // net/http may have read the first bytes
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}))
	for _, variable := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		t.Setenv(variable, strings.Replace(proxy.URL, "http://", "http://user:secret@", 1))
	}
	t.Setenv("NO_PROXY", "")
	return connects
}

// A wrong password for the proxy is offered once, however many requests there
// are: many attempts lock the account.
func TestProxy_refused(t *testing.T) {
	for status, want := range map[int]int64{
		http.StatusProxyAuthRequired: 1,
		http.StatusForbidden:         6, // once for each request
		http.StatusBadGateway:        12,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			connects := newProxy(t, status, "", nil)
			c := newSocketClient(t, testEndpoint, maxRetries(1))

			var wg sync.WaitGroup
			for _, call := range []func(context.Context, *Client) error{getApplication, stageImport} {
				for range 3 {
					wg.Go(func() {
						err := call(t.Context(), c)
						var proxy *ProxyError
						if !errors.As(err, &proxy) || proxy.StatusCode != status || RequestOf(err).Connected {
							t.Errorf("the error is %v", err)
						}
						wantContains(t, err.Error(), "proxy http://127.0.0.1:", fmt.Sprint(status))
						wantNotContains(t, err.Error(), "secret", testToken)
					})
				}
			}
			wg.Wait()
			if got := connects.Load(); got != want {
				t.Errorf("the proxy got %d requests, want %d", got, want)
			}
		})
	}
}

// Every failure to connect names the proxy, and the one that is not used.
func TestProxy_named(t *testing.T) {
	closed := serve(t, nil)
	closed.Close()
	address := closed.Listener.Addr().String()
	authority := serveTLS(t, nil)
	plain := serve(t, http.NotFoundHandler())

	for name, test := range map[string]struct {
		variable, value string
		proxy, unused   string
		tls             bool // the problem is TLS to the proxy
	}{
		"refused":      {"HTTPS_PROXY", "http://user:secret@" + address, "http://" + address, "", false},
		"SOCKS":        {"HTTPS_PROXY", "socks5://user:secret@" + address, "socks5://" + address, "", false},
		"no TLS":       {"HTTPS_PROXY", strings.Replace(plain.URL, "http", "https", 1), strings.Replace(plain.URL, "http", "https", 1), "", true},
		"untrusted":    {"HTTPS_PROXY", authority.URL, authority.URL, "", true},
		"not used":     {"ALL_PROXY", "socks5://user:secret@proxy.test:1080", "", "socks5://proxy.test:1080", false},
		"not used, lc": {"all_proxy", "proxy.test:1080", "", "http://proxy.test:1080", false},
		"none":         {"ALL_PROXY", "", "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"} {
				t.Setenv(variable, "")
			}
			t.Setenv(test.variable, test.value)
			err := getApplication(t.Context(), newSocketClient(t, "https://pa.invalid:1", requestTimeout(2*time.Second)))
			request := wantErrorAs[*RequestError](t, err)
			if request.Proxy != test.proxy || request.UnusedProxy != test.unused {
				t.Errorf("the proxies are %q and %q: %v", request.Proxy, request.UnusedProxy, err)
			}
			wantContains(t, err.Error(), test.proxy, test.unused)
			wantNotContains(t, err.Error(), "secret", "user")
			if got := isProxyConnect(err) && TLSProblemOf(err) != NotTLSProblem; got != test.tls {
				t.Errorf("TLS to the proxy: %t, want %t: %v", got, test.tls, err)
			}
		})
	}
}

// A variable that is not the address of a proxy is an error: net/http ignores
// it and connects directly.
func TestProxy_invalidVariable(t *testing.T) {
	for _, value := range []string{"http://proxy.test:port", "ftp://proxy.test", "http://%zz", "http://user:pa ss@proxy.test"} {
		t.Setenv("HTTPS_PROXY", value)
		_, err := New(Config{Endpoint: testEndpoint, Token: testToken})
		config := wantErrorAs[*ConfigError](t, err)
		wantContains(t, config.Error(), "HTTPS_PROXY")
		wantNotContains(t, config.Error(), "pa ss")
	}

	for _, value := range []string{"", "http://proxy.test:8080", "proxy.test:8080", "socks5://proxy.test"} {
		t.Setenv("HTTPS_PROXY", value)
		if _, err := New(Config{Endpoint: testEndpoint, Token: testToken}); err != nil {
			t.Errorf("%q: %v", value, err)
		}
	}
}

// A proxy that accepts the password passes requests on: as they are over http,
// in a tunnel over https.
func TestProxy_accepted(t *testing.T) {
	s := newSandbox(t, sandbox.Options{})
	api := serveTLS(t, s)
	connects := newProxy(t, http.StatusOK, api.Listener.Addr().String(), s)

	plain := newSocketClient(t, "http://pa.test", func(cfg *Config) { cfg.AllowInsecureHTTP = true })
	if err := getApplication(t.Context(), plain); err != nil || connects.Load() != 0 {
		t.Errorf("%d tunnels, %v", connects.Load(), err)
	}
	overTLS := newSocketClient(t, "https://example.com", trusting(certificateOf(api)))
	for range 2 {
		if err := getApplication(t.Context(), overTLS); err != nil || connects.Load() != 1 {
			t.Errorf("%d tunnels, %v", connects.Load(), err)
		}
	}
	if requests := s.Requests(); len(requests) != 3 || requests[0].Host != "pa.test" || !requests[0].Authorized {
		t.Errorf("the requests are %+v", requests)
	}
}
