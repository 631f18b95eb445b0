package permissionassist

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/costtest"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func TestNew(t *testing.T) {
	t.Parallel()

	s, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID, Name: "Silverlake"}}})
	for _, endpoint := range []string{url, url + "/", url + "/api", url + "/API/"} {
		c := newSocketClient(t, endpoint, requestTimeout(time.Minute))
		app, err := c.GetApplication(t.Context(), appID)
		if err != nil || app.Name != "Silverlake" || c.Server() != url+"/api" || c.RequestTimeout() != time.Minute {
			t.Errorf("%s: %+v, %v, %s, %s", endpoint, app, err, c.Server(), c.RequestTimeout())
		}
	}
	wantRequests(t, s, sandbox.OpGetApplication, 4)

	if c := newClient(t); c.RequestTimeout() != DefaultRequestTimeout || c.maxRetries != DefaultMaxRetries {
		t.Errorf("the defaults are %s and %d", c.RequestTimeout(), c.maxRetries)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		change      func(*Config)
		field, part string
	}{
		"no endpoint":        {func(c *Config) { c.Endpoint = "" }, "Endpoint", "is empty"},
		"http":               {func(c *Config) { c.Endpoint = "http://pa.example.com" }, "Endpoint", "plain http"},
		"no token":           {func(c *Config) { c.Token = "" }, "Token", "is empty"},
		"token with newline": {func(c *Config) { c.Token += "\n" }, "Token", "line break"},
		"no certificate":     {func(c *Config) { c.CACertPEM = []byte("x") }, "CACertPEM", "no PEM block"},
		"negative timeout":   {requestTimeout(-time.Second), "RequestTimeout", "-1s is negative"},
		"negative retries":   {maxRetries(-1), "MaxRetries", "-1 is negative"},
	} {
		cfg := Config{Endpoint: testEndpoint, Token: testToken}
		test.change(&cfg)
		_, err := New(cfg)
		if config := wantErrorAs[*ConfigError](t, err); config.Field != test.field || config.Unwrap() == nil {
			t.Errorf("%s: %v", name, err)
		}
		wantContains(t, err.Error(), test.field+": ", test.part)
		wantNotContains(t, err.Error(), testToken)
	}
	if _, err := New(Config{Endpoint: "http://pa.example.com", Token: testToken, AllowInsecureHTTP: true}); err != nil {
		t.Errorf("http if it is allowed: %v", err)
	}
}

func TestValidateToken(t *testing.T) {
	t.Parallel()

	for _, good := range []string{testToken, "x", "!~", "eyJhbGciOi.J9-_+/=="} {
		if err := ValidateToken(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for bad, part := range map[string]string{
		"": "is empty", "s3cret\n": "position 7", " s3cret": "position 1", "s3cret\ts3cret": "position 7",
		"s3cret\x00": "position 7", "s3cret\x7f": "position 7", "s3crét": "position 5", "s3cret s3cret": "position 7", "bearer s3cret": "leave that out",
	} {
		err := ValidateToken(bad)
		if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "s3c") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The proxy of the environment is used. net/http reads it once and never for a
// loopback address, so this needs a separate process and other names.
func TestProxy(t *testing.T) {
	t.Parallel()

	const variable = "PERMISSIONASSIST_TEST_BEHIND_PROXY"
	if os.Getenv(variable) != "" {
		behindProxy(t)

		return
	}

	s := newSandbox(t, sandbox.Options{})
	var (
		mu       sync.Mutex
		connects = map[string]int{}
	)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodConnect {
			s.ServeHTTP(w, req)

			return
		}
		mu.Lock()
		defer mu.Unlock()
		connects[req.Host]++
		if len(req.Header["Authorization"]) != 0 {
			t.Error("the proxy gets the token")
		}
		var status int
		if _, err := fmt.Sscanf(req.Host, "pa%d.test:443", &status); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(proxy.Close)

	test := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxy$", "-test.v")
	address := strings.Replace(proxy.URL, "http://", "http://user:hunter2@", 1)
	test.Env = []string{variable + "=1", "HTTP_PROXY=" + address, "HTTPS_PROXY=" + address}
	if dir := os.Getenv("GOCOVERDIR"); dir != "" {
		test.Env = append(test.Env, "GOCOVERDIR="+dir)
	}
	if output, err := test.CombinedOutput(); err != nil || !strings.Contains(string(output), "--- PASS: TestProxy") {
		t.Errorf("%v: %s", err, output)
	}

	if requests := s.Requests(); len(requests) != 1 || requests[0].Host != "pa.test" || !requests[0].Authorized {
		t.Errorf("the requests are %+v", requests)
	}
	// A wrong password is offered once: repeating it can lock the account.
	for host, want := range map[string]int{"pa407.test:443": 1, "pa403.test:443": 1, "pa502.test:443": 2, "pa503.test:443": 2} {
		mu.Lock()
		if connects[host] != want {
			t.Errorf("%d tunnels to %s, want %d", connects[host], host, want)
		}
		mu.Unlock()
	}
}

func behindProxy(t *testing.T) {
	t.Helper()
	c := newSocketClient(t, "http://pa.test", func(cfg *Config) { cfg.AllowInsecureHTTP = true })
	if _, err := c.GetApplication(t.Context(), appID); err != nil {
		t.Error(err)
	}
	for _, status := range []int{407, 403, 502, 503} {
		c := newSocketClient(t, fmt.Sprintf("https://pa%d.test", status), maxRetries(1))
		_, err := c.StageApplicationImport(t.Context(), appID)
		if proxy := wantErrorAs[*ProxyError](t, err); proxy.StatusCode != status || RequestOf(err).Sent {
			t.Errorf("the error is %+v", err)
		}
		wantContains(t, err.Error(), "proxy http://127.0.0.1:", fmt.Sprint(status))
		wantNotContains(t, err.Error(), "hunter2", testToken)
	}
}

// Close leaves nothing behind: no connection, and no goroutine of one. Not
// parallel: it counts the goroutines of the whole process.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	_, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}}})
	before := runtime.NumGoroutine()
	c, err := New(Config{Endpoint: url, Token: testToken})
	if err != nil {
		t.Fatal(err)
	}
	var together sync.WaitGroup
	for range 10 {
		together.Go(func() {
			if _, err := c.StageApplicationImport(t.Context(), appID); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	if runtime.NumGoroutine() == before {
		t.Error("no connection is kept for the next request")
	}
	c.Close()
	costtest.WantGoroutines(t, before)
}
