package sandboxtest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func get(ctx context.Context, t *testing.T, transport *http.Transport, url string) (*http.Response, error) {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/applications", http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err == nil {
		resp.Body.Close()
	}
	return resp, err
}

func TestStartTLS(t *testing.T) {
	s, url, caPEM := sandboxtest.StartTLS(t, sandbox.Options{})
	if _, err := get(t.Context(), t, &http.Transport{}, url); err == nil {
		t.Error("the certificate is trusted anyway")
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(caPEM)
	resp, err := get(t.Context(), t, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}, url)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Proto != "HTTP/2.0" || s.Count(sandbox.OpListApplications) != 1 {
		t.Errorf("got %v, %v", resp, err)
	}
}

// The test ends although a request hangs: stopping the server releases it.
func TestStart_hangingRequest(t *testing.T) {
	responded := make(chan error, 1)
	t.Run("server", func(t *testing.T) {
		s, url := sandboxtest.Start(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Times: -1, Action: sandbox.Hang()})
		go func() {
			_, err := get(context.Background(), t, &http.Transport{}, url)
			responded <- err
		}()
		if err := s.AwaitCount(t.Context(), "", 1); err != nil {
			t.Fatal(err)
		}
	})
	if err := <-responded; err == nil {
		t.Error("got a response")
	}
}
