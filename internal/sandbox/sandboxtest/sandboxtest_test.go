package sandboxtest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func get(ctx context.Context, transport *http.Transport, url string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/applications", http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	return (&http.Client{Transport: transport}).Do(r)
}

func wantOK(t *testing.T, s *sandbox.Server, transport *http.Transport, url, proto string) {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	resp, err := get(t.Context(), transport, url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Proto != proto || s.Count(sandbox.OpListApplications) != 1 {
		t.Errorf("got %v", resp)
	}
}

func TestStart(t *testing.T) {
	s, url := sandboxtest.Start(t, sandbox.Options{})
	wantOK(t, s, &http.Transport{}, url, "HTTP/1.1")
}

func TestStartTLS(t *testing.T) {
	s, url, caPEM := sandboxtest.StartTLS(t, sandbox.Options{})
	if resp, err := get(t.Context(), &http.Transport{}, url); err == nil {
		resp.Body.Close()
		t.Error("the certificate is trusted anyway")
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(caPEM) {
		t.Fatalf("no certificate in %s", caPEM)
	}
	wantOK(t, s, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}, url, "HTTP/2.0")
}

func TestStartPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, transport := sandboxtest.StartPipe(t, sandbox.Options{})
		wantOK(t, s, transport, sandboxtest.PipeURL, "HTTP/1.1")
	})
}

// TestHangingRequests ends although a request hangs: stopping the server
// releases it.
func TestHangingRequests(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) (*sandbox.Server, *http.Transport, string){
		"loopback": func(t *testing.T) (*sandbox.Server, *http.Transport, string) {
			s, url := sandboxtest.Start(t, sandbox.Options{})
			return s, &http.Transport{}, url
		},
		"pipe": func(t *testing.T) (*sandbox.Server, *http.Transport, string) {
			s, transport := sandboxtest.StartPipe(t, sandbox.Options{})
			return s, transport, sandboxtest.PipeURL
		},
	} {
		responded := make(chan error, 1)
		t.Run(name, func(t *testing.T) {
			s, transport, url := start(t)
			s.Inject(sandbox.Fault{Times: -1, Action: sandbox.Hang()})
			go func() {
				resp, err := get(context.Background(), transport, url)
				if err == nil {
					resp.Body.Close()
				}
				responded <- err
			}()
			if err := s.AwaitCount(t.Context(), "", 1); err != nil {
				t.Fatal(err)
			}
		})
		if err := <-responded; err == nil {
			t.Errorf("%s: got a response", name)
		}
	}
}

func TestPipeIsClosed(t *testing.T) {
	var dial func(context.Context, string, string) (net.Conn, error)
	t.Run("started", func(t *testing.T) {
		_, transport := sandboxtest.StartPipe(t, sandbox.Options{})
		dial = transport.DialContext
	})
	if _, err := dial(t.Context(), "tcp", "sandbox.test:80"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestPipeTakesNoTime(t *testing.T) {
	begin := time.Now()
	synctest.Test(t, func(t *testing.T) {
		s, transport := sandboxtest.StartPipe(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Action: sandbox.Hang()})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		resp, err := get(ctx, transport, sandboxtest.PipeURL)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("took %v", took)
	}
}
