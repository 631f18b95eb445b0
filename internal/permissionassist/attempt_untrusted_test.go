package permissionassist

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func TestRedirects(t *testing.T) {
	t.Parallel()

	for name, status := range map[string]int{"301": 301, "302": 302, "303": 303, "307": 307, "308": 308} {
		t.Run("a GET follows to the same origin "+name, func(t *testing.T) {
			t.Parallel()

			s := newSandbox(t, sandbox.Options{})
			mux := http.NewServeMux()
			mux.Handle("/api/", s)
			mux.Handle("/old/api/", http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				http.Redirect(w, req, strings.TrimPrefix(req.URL.Path, "/old"), status)
			}))

			app, err := newSocketClient(t, serve(t, mux).URL+"/old").GetApplication(t.Context(), appID)
			if err != nil || app.ID != appID || !s.Requests()[0].Authorized {
				t.Errorf("%+v, %v", app, err)
			}
		})

		t.Run("a POST does not "+name, func(t *testing.T) {
			t.Parallel()

			s, url := sandboxtest.Start(t, sandbox.Options{})
			s.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Times: -1, Action: sandbox.Redirect(status, "/api/application-imports/cancel")})

			_, err := newSocketClient(t, url, maxRetries(3)).CancelApplicationImport(t.Context(), importID)
			unexpected := wantErrorAs[*UnexpectedResponseError](t, err)
			if unexpected.StatusCode != status || unexpected.Location != url+"/api/application-imports/cancel" {
				t.Errorf("the error is %+v", unexpected)
			}
			wantRequests(t, s, "", 1)
		})
	}

	t.Run("a loop ends", func(t *testing.T) {
		t.Parallel()

		s, url := sandboxtest.Start(t, sandbox.Options{})
		s.Inject(sandbox.Fault{Times: -1, Action: sandbox.Redirect(302, "/api/applications?again=1")})
		_, err := newSocketClient(t, url, maxRetries(3)).ListApplications(t.Context())
		_ = wantErrorAs[*UnexpectedResponseError](t, err)
		wantRequests(t, s, "", 6)
	})
}

// The token goes nowhere else, also not after a redirect within the server.
func TestRedirectsElsewhere(t *testing.T) {
	t.Parallel()

	elsewhere, elsewhereURL := sandboxtest.Start(t, sandbox.Options{})
	overTLS, tlsURL, _ := sandboxtest.StartTLS(t, sandbox.Options{})
	t.Cleanup(func() {
		wantRequests(t, elsewhere, "", 0)
		wantRequests(t, overTLS, "", 0)
	})

	for name, location := range map[string]string{
		"another port":   elsewhereURL,
		"another host":   strings.Replace(elsewhereURL, "127.0.0.1", "localhost", 1),
		"another scheme": tlsURL,
		"no scheme":      strings.TrimPrefix(elsewhereURL, "http:"),
		"user name":      strings.Replace(elsewhereURL, "//", "//admin:hunter2@", 1),
	} {
		for _, method := range []string{"GET", "second hop", "POST"} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()

				s, url := sandboxtest.Start(t, sandbox.Options{})
				if method == "second hop" {
					s.Inject(sandbox.Fault{Action: sandbox.Redirect(302, "/api/applications/"+unknownID)})
				}
				s.Inject(sandbox.Fault{Times: -1, Action: sandbox.Redirect(307, location+"/api/login?SAMLRequest=s3cret#f")})
				c := newSocketClient(t, url)

				var err error
				if method == "POST" {
					_, err = c.CancelApplicationImport(t.Context(), importID)
				} else {
					_, err = c.GetApplicationImport(t.Context(), importID, "")
				}
				unexpected := wantErrorAs[*UnexpectedResponseError](t, err)
				if unexpected.StatusCode != 307 || !strings.HasSuffix(unexpected.Location, "/api/login") {
					t.Errorf("the error is %+v", unexpected)
				}
				wantContains(t, err.Error(), "redirect", unexpected.Location)
				wantNotContains(t, err.Error(), "s3cret", "SAMLRequest", "hunter2", testToken)
			})
		}
	}
}

// A redirect without a valid target is a response that is not the API's.
func TestRedirectWithoutTarget(t *testing.T) {
	t.Parallel()

	for name, location := range map[string]string{
		"bad escape": "https://elsewhere.test/%zz?SAMLRequest=s3cret",
		"no scheme":  "://elsewhere.test?SAMLRequest=s3cret",
		"missing":    "",
	} {
		r := responding(replyHTML(302, "Location: "+location))
		_, err := newSocketClient(t, serve(t, r).URL, maxRetries(2)).GetApplication(t.Context(), appID)
		_ = wantErrorAs[*UnexpectedResponseError](t, err)
		wantNotContains(t, err.Error(), "s3cret")
		if got := len(r.recorded()); got != 1 {
			t.Errorf("%s: %d requests, want 1", name, got)
		}
	}
}

// serveRaw responds to the first request of each connection with raw bytes.
func serveRaw(t *testing.T, response string) (string, *atomic.Int64) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	var requests atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, req.Body)
				requests.Add(1)
				_, _ = io.WriteString(conn, response)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})

	return "http://" + l.Addr().String(), &requests
}

// The server echoes the token wherever it can; no error and no log line does.
func TestTokenIsNeverShown(t *testing.T) {
	t.Parallel()

	const token = testToken

	// Cutting such an excerpt before the token is removed would leave a part of it.
	echo := `<html>Bearer ` + token + strings.Repeat("x", 265) + token + `</html>`
	for name, respond := range map[string]http.HandlerFunc{
		"envelope": replyJSON(400, `{"error":"validation_error","message":"bad `+token+`","correlationId":"`+token+`",
			"errors":[{"field":"`+token+`","message":"`+token+`"}]}`),
		"unknown code":         replyJSON(400, `{"error":"`+token+`","correlationId":"1"}`),
		"cut message":          replyJSON(400, `{"error":"a","correlationId":"`+strings.Repeat("x", 190)+token+`"}`),
		"page":                 reply(500, "text/html; x="+token, echo),
		"not found":            reply(404, "text/html", echo),
		"good page":            reply(200, "text/html", echo),
		"authenticate":         reply(401, "", "", "WWW-Authenticate: "+token),
		"no GUID":              replyJSON(200, `{"id":"`+token+`"}`),
		"wrong item":           replyJSON(200, `{"id":"`+unknownID+`","name":"`+token+`"}`),
		"redirect":             replyHTML(302, "Location: https://elsewhere.test/"+token+"?token="+token),
		"same origin":          replyHTML(302, "Location: /"+token+"?token="+token),
		"bad redirect":         replyHTML(302, "Location: https://elsewhere.test/%zz"+token),
		"redirect, no scheme":  replyHTML(301, "Location: ://"+token),
		"number out of bounds": replyJSON(200, `{"items":[],"totalCount":"`+token+`"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := responding(respond)
			wantNoToken(t, newSocketClient(t, serve(t, r).URL))
			if len(r.recorded()) == 0 {
				t.Error("no request arrived")
			}
		})
	}

	for name, response := range map[string]string{
		"no HTTP":      "Bearer " + token + "\r\n\r\n",
		"bad status":   "HTTP/1.1 " + token + " OK\r\n\r\n",
		"bad header":   "HTTP/1.1 200 OK\r\n\x1b[2J" + token + "\r\n\r\n",
		"bad length":   "HTTP/1.1 200 OK\r\nContent-Length: " + token + "\r\n\r\n",
		"bad encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + token + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, requests := serveRaw(t, response)
			wantNoToken(t, newSocketClient(t, url))
			if requests.Load() == 0 {
				t.Error("no request arrived")
			}
		})
	}
}

// wantNoToken makes calls that fail and checks their errors and logs.
func wantNoToken(t *testing.T, c *Client) {
	t.Helper()

	var logged bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &logged)
	_, errApp := c.GetApplication(ctx, appID)
	_, errList := c.ListApplications(ctx)
	_, errImport := c.GetApplicationImport(ctx, importID, "")
	_, errCancel := c.CancelApplicationImport(ctx, importID)
	_, errStage := c.StageApplicationImport(ctx, appID)
	for n, err := range []error{errApp, errList, errImport, errCancel, errStage} {
		if err == nil {
			if n < 3 { // cancel and stage accept other 2xx responses
				t.Errorf("call %d: no error", n)
			}

			continue
		}
		// The beginning of the token, too.
		wantNotContains(t, err.Error(), testToken[:8], "\x1b", "\n")
	}
	if logged.Len() == 0 {
		t.Error("nothing was logged")
	}
	wantNotContains(t, logged.String(), testToken[:8], "Authorization")
}
