package permissionassist_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestNew(t *testing.T) {
	t.Parallel()

	s := sandbox.New(sandbox.Options{Token: token, Applications: []sandbox.Application{{ID: guid, Name: "Silverlake"}}})
	t.Cleanup(s.Close)

	server := httptest.NewServer(s)
	t.Cleanup(server.Close)

	for _, endpoint := range []string{server.URL, server.URL + "/", server.URL + "/api", server.URL + "/API/"} {
		c, err := permissionassist.New(permissionassist.Config{Endpoint: endpoint, Token: token, RequestTimeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)

		app, err := c.GetApplication(t.Context(), guid)
		if err != nil || app.Name != "Silverlake" {
			t.Errorf("%s: %+v, %v", endpoint, app, err)
		}
	}

	if got := s.Count(sandbox.OpGetApplication); got != 4 || s.Count("") != 4 {
		t.Errorf("%d requests: %+v", got, s.Requests())
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()

	minus := -1

	for name, test := range map[string]struct {
		change func(*permissionassist.Config)
		field  string
		part   string
	}{
		"no endpoint":        {func(c *permissionassist.Config) { c.Endpoint = "" }, "Endpoint", "is empty"},
		"http":               {func(c *permissionassist.Config) { c.Endpoint = "http://pa.example.com" }, "Endpoint", "plain http"},
		"no token":           {func(c *permissionassist.Config) { c.Token = "" }, "Token", "is empty"},
		"token with newline": {func(c *permissionassist.Config) { c.Token += "\n" }, "Token", "line break"},
		"no certificate":     {func(c *permissionassist.Config) { c.CACertPEM = []byte("x") }, "CACertPEM", "no certificate found"},
		"negative time-out":  {func(c *permissionassist.Config) { c.RequestTimeout = -time.Second }, "RequestTimeout", "-1s is negative"},
		"negative retries":   {func(c *permissionassist.Config) { c.MaxRetries = &minus }, "MaxRetries", "-1 is negative"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			cfg := permissionassist.Config{Endpoint: "https://pa.example.com", Token: token}
			test.change(&cfg)

			_, err := permissionassist.New(cfg)

			var configErr *permissionassist.ConfigError
			if !errors.As(err, &configErr) || configErr.Field != test.field || errors.Unwrap(configErr) == nil {
				t.Fatalf("the error is a %T: %v", err, err)
			}

			if !strings.HasPrefix(err.Error(), test.field+": ") || !strings.Contains(err.Error(), test.part) || strings.Contains(err.Error(), token) {
				t.Errorf("the error is %v", err)
			}
		})
	}

	cfg := permissionassist.Config{Endpoint: "http://pa.example.com", Token: token, AllowInsecureHTTP: true}
	if _, err := permissionassist.New(cfg); err != nil {
		t.Errorf("http where it is allowed: %v", err)
	}
}

func TestValidateToken(t *testing.T) {
	t.Parallel()

	for _, good := range []string{token, "x", "!~", "eyJhbGciOi.J9-_+/=="} {
		if err := permissionassist.ValidateToken(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}

	for bad, part := range map[string]string{
		"": "is empty", "s3cret\n": "position 7", "s3cret\r\n": "position 7", " s3cret": "position 1", "s3cret\ts3cret": "position 7",
		"s3cret\x00": "position 7", "s3cret\x7f": "position 7", "s3crét": "position 5", "s3cret s3cret": "position 7",
	} {
		err := permissionassist.ValidateToken(bad)
		if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "s3c") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The environment's proxy is used. net/http reads it once and never for a
// loopback address, so this needs a process of its own and another name.
func TestProxyFromEnvironment(t *testing.T) {
	t.Parallel()

	const variable = "PERMISSIONASSIST_TEST_BEHIND_PROXY"

	if os.Getenv(variable) != "" {
		behindProxy(t)

		return
	}

	s := sandbox.New(sandbox.Options{Token: token, Applications: []sandbox.Application{{ID: guid}}})
	t.Cleanup(s.Close)

	var (
		mu       sync.Mutex
		connects []*http.Request
	)

	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodConnect {
			s.ServeHTTP(w, req)

			return
		}

		mu.Lock()
		connects = append(connects, req)
		mu.Unlock()
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(proxy.Close)

	test := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyFromEnvironment$", "-test.v")
	test.Env = []string{variable + "=1", "HTTP_PROXY=" + proxy.URL, "HTTPS_PROXY=" + proxy.URL}

	if out, err := test.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestProxyFromEnvironment") {
		t.Errorf("%v: %s", err, out)
	}

	requests := s.Requests()
	if len(requests) != 1 || requests[0].Host != "pa.test" || !requests[0].Authorized {
		t.Errorf("the requests are %+v", requests)
	}

	mu.Lock()
	defer mu.Unlock()

	// A tunnel that is refused: nothing was sent, so a POST is tried again, and
	// the proxy never sees the token.
	if len(connects) != 2 {
		t.Errorf("%d tunnels, want 2", len(connects))
	}

	for _, req := range connects {
		if req.Host != "pa.test:443" || len(req.Header["Authorization"]) != 0 {
			t.Errorf("CONNECT %s with %v", req.Host, req.Header)
		}
	}
}

func behindProxy(t *testing.T) {
	t.Helper()

	once := 1

	for endpoint, good := range map[string]bool{"http://pa.test": true, "https://pa.test": false} {
		c, err := permissionassist.New(permissionassist.Config{Endpoint: endpoint, Token: token, AllowInsecureHTTP: true, MaxRetries: &once})
		if err != nil {
			t.Fatal(err)
		}

		if good {
			if _, err := c.GetApplication(t.Context(), guid); err != nil {
				t.Error(err)
			}

			continue
		}

		_, err = c.CancelImport(t.Context(), guid)

		var request *permissionassist.RequestError
		if !errors.As(err, &request) || request.Sent || request.Attempts != 2 {
			t.Errorf("the error is %+v", err)
		}
	}
}
