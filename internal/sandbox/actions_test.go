package sandbox_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// connection is a client of a held server with one application.
type connection struct {
	*sandbox.Server
	url    string
	client *http.Client
}

func over(t *testing.T, protocol string) connection {
	t.Helper()
	o := sandbox.Options{Applications: []sandbox.Application{coreApplication()}}
	var c connection
	var transport *http.Transport
	switch protocol {
	case "HTTP/1.1":
		c.Server, c.url = sandboxtest.Start(t, o)
		transport = &http.Transport{}
	case "HTTP/2.0":
		var pem []byte
		c.Server, c.url, pem = sandboxtest.StartTLS(t, o)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport = &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots}}
	default:
		c.Server, transport = sandboxtest.StartPipe(t, o)
		c.url = sandboxtest.PipeURL
	}
	t.Cleanup(transport.CloseIdleConnections)
	c.HoldBuilds()
	c.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return c
}

// outcome is the client's view: a response, part of a response and an error, or
// only an error.
type outcome struct {
	status int
	proto  string
	header http.Header
	length int64 // from Content-Length
	body   string
	err    error
}

// stage sends a stage request.
func (c connection) stage(ctx context.Context) outcome {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/api/application-imports/stage",
		strings.NewReader(`{"applicationId":"`+coreID+`"}`))
	if err != nil {
		return outcome{err: err}
	}
	r.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.client.Do(r)
	if err != nil {
		return outcome{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return outcome{resp.StatusCode, resp.Proto, resp.Header, resp.ContentLength, string(body), err}
}

var protocols = []string{"HTTP/1.1", "HTTP/2.0", "pipe"}

func TestActions(t *testing.T) {
	date := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat)
	for _, tc := range []struct {
		name   string
		action sandbox.Action
		check  func(got outcome) bool
		always bool // the request is always handled
	}{
		{"default", sandbox.Action{}, func(got outcome) bool { return got.err != nil }, false},
		{"CloseConnection", sandbox.CloseConnection(), func(got outcome) bool { return got.err != nil }, false},
		{"HalfResponse", sandbox.HalfResponse(), func(got outcome) bool {
			return got.err != nil && got.status == 201 && strings.HasPrefix(got.body, `{"id":"`) &&
				int(got.length)/2 == len(got.body)
		}, false},
		{"Respond502", sandbox.Respond(502, "text/html", "<h1>Bad Gateway</h1>", "Via: 1.1 proxy"), func(got outcome) bool {
			return got.err == nil && got.status == 502 && got.body == "<h1>Bad Gateway</h1>" &&
				got.header.Get("Content-Type") == "text/html" && got.header.Get("Via") == "1.1 proxy"
		}, false},
		{"Respond204", sandbox.Respond(204, "", ""), func(got outcome) bool {
			return got.err == nil && got.status == 204 && got.body == "" && got.header.Values("Content-Type") == nil
		}, false},
		{"Respond201", sandbox.Respond(201, "application/json", `{"id":`), func(got outcome) bool {
			return got.err == nil && got.status == 201 && got.body == `{"id":`
		}, false},
		{"LoginPage", sandbox.LoginPage(), func(got outcome) bool {
			return got.err == nil && got.status == 200 && strings.Contains(got.body, "Sign in")
		}, false},
		{"Envelope403", sandbox.Envelope(403, "forbidden", "No"), func(got outcome) bool {
			return got.err == nil && got.status == 403 && strings.HasPrefix(got.body, `{"error":"forbidden","message":"No","correlationId":"`)
		}, false},
		{"RetryAfter503", sandbox.RetryAfter(503, "7", false), func(got outcome) bool {
			return got.err == nil && got.status == 503 && got.header.Get("Retry-After") == "7" && strings.Contains(got.body, "<html>")
		}, false},
		{"RetryAfter429", sandbox.RetryAfter(429, date, true), func(got outcome) bool {
			return got.err == nil && got.status == 429 && got.header.Get("Retry-After") == date && strings.Contains(got.body, "correlationId")
		}, false},
		{"Redirect307", sandbox.Redirect(307, "https://elsewhere.test/"), func(got outcome) bool {
			return got.err == nil && got.status == 307 && got.header.Get("Location") == "https://elsewhere.test/"
		}, false},
		{"Flood", sandbox.Flood(100_000), func(got outcome) bool {
			return got.err == nil && got.status == 201 && len(got.body) == 100_000 && strings.HasPrefix(got.body, `{"items":[{"name":"xx`)
		}, false},
		{"Delay", sandbox.Delay(1), func(got outcome) bool {
			return got.err == nil && got.status == 201 && strings.HasPrefix(got.body, `{"id":"`)
		}, true},
		{"Rewrite", sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
			return status + 1, bytes.ReplaceAll(body, []byte("Pending"), []byte("Unknown"))
		}), func(got outcome) bool {
			return got.err == nil && got.status == 202 && strings.Contains(got.body, `"status":"Unknown"`)
		}, true},
	} {
		for _, protocol := range protocols {
			for _, processed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/processed=%v", tc.name, protocol, processed), func(t *testing.T) {
					c := over(t, protocol)
					in := c.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: processed, Action: tc.action})
					got := c.stage(t.Context())
					if !tc.check(got) {
						t.Errorf("got %.300v", got)
					}
					if got.status != 0 && protocol != "pipe" && got.proto != protocol {
						t.Errorf("the protocol is %s", got.proto)
					}
					want := 0
					if processed || tc.always {
						want = 1
					}
					if in.Fired() != 1 || len(c.Imports()) != want || c.Requests()[0].Processed != (want == 1) {
						t.Errorf("fired %d, %d imports, recorded %+v", in.Fired(), len(c.Imports()), c.Requests()[0])
					}
				})
			}
		}
	}
}

func TestHalfResponseOfTheAPI(t *testing.T) {
	c := over(t, "HTTP/1.1")
	c.Inject(sandbox.Fault{Processed: true, Action: sandbox.HalfResponse()})
	if got := c.stage(t.Context()); !strings.Contains(got.body, c.Imports()[0].ID) {
		t.Errorf("got %+v", got)
	}
	c.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Action: sandbox.HalfResponse()})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/api/application-imports", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err == nil || resp.StatusCode != http.StatusOK {
		t.Errorf("got %d %v", resp.StatusCode, err)
	}
}

func TestHang(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol+" until the client gives up", func(t *testing.T) {
			c := over(t, protocol)
			c.Inject(sandbox.Fault{Processed: true, Action: sandbox.Hang()})
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			go func() {
				_ = c.AwaitCount(ctx, sandbox.OpStage, 1)
				giveUp()
			}()
			if err := c.stage(ctx).err; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		t.Run(protocol+" until the server is closed", func(t *testing.T) {
			c := over(t, protocol)
			c.Inject(sandbox.Fault{Times: -1, Action: sandbox.Hang()})
			go func() {
				_ = c.AwaitCount(t.Context(), sandbox.OpStage, 1)
				c.Close()
			}()
			if err := c.stage(t.Context()).err; err == nil {
				t.Error("got a response")
			}
		})
	}
}

// TestTimeout has a client that gives up before the server is done.
func TestTimeout(t *testing.T) {
	for name, tc := range map[string]struct {
		fault         sandbox.Fault
		before, after int // imports right after the client gave up, and later
	}{
		"never handled":              {sandbox.Fault{Action: sandbox.Hang()}, 0, 0},
		"handled, then no response":  {sandbox.Fault{Action: sandbox.Hang(), Processed: true}, 1, 1},
		"handled later":              {sandbox.Fault{Action: sandbox.Hang(), Processed: true, Late: time.Minute}, 0, 1},
		"delayed, then not handled":  {sandbox.Fault{Action: sandbox.Delay(time.Minute)}, 0, 0},
		"handled, then delayed":      {sandbox.Fault{Action: sandbox.Delay(time.Minute), Processed: true}, 1, 1},
		"late without being handled": {sandbox.Fault{Action: sandbox.Hang(), Late: time.Minute}, 0, 0},
		"delay ignores late":         {sandbox.Fault{Action: sandbox.Delay(time.Minute), Processed: true, Late: time.Hour}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := over(t, "pipe")
				c.Inject(tc.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				begin := time.Now()
				if err := c.stage(ctx).err; !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 10*time.Second {
					t.Errorf("after %v: %v", time.Since(begin), err)
				}
				synctest.Wait()
				if n := len(c.Imports()); n != tc.before {
					t.Errorf("%d imports, want %d", n, tc.before)
				}
				after(2 * time.Hour)
				if n := len(c.Imports()); n != tc.after {
					t.Errorf("later %d imports, want %d", n, tc.after)
				}
				if r := c.Requests()[0]; r.Processed != (tc.after == 1) || r.Status != 0 {
					t.Errorf("recorded %+v", r)
				}
			})
		})
	}
}

func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := over(t, "pipe")
		c.Inject(sandbox.Fault{Processed: true, Late: time.Minute, Action: sandbox.Respond(504, "text/html", "Gateway Timeout")})
		if got := c.stage(t.Context()); got.err != nil || got.status != 504 {
			t.Errorf("got %+v", got)
		}
		after(time.Minute - 1)
		if n := len(c.Imports()); n != 0 {
			t.Errorf("%d imports too early", n)
		}
		after(1)
		if n := len(c.Imports()); n != 1 || !c.Requests()[0].Processed {
			t.Errorf("%d imports", n)
		}

		// A closed server drops delayed requests.
		c.Inject(sandbox.Fault{Processed: true, Late: time.Minute, Times: 2, Action: sandbox.CloseConnection()})
		c.stage(t.Context())
		c.Close()
		c.stage(t.Context())
		after(time.Hour)
		if n := len(c.Imports()); n != 1 {
			t.Errorf("%d imports after the server was closed", n)
		}
	})
}

func TestDelayWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := over(t, "pipe")
		c.Inject(sandbox.Fault{Action: sandbox.Delay(time.Minute)})
		begin := time.Now()
		got := c.stage(t.Context())
		if got.err != nil || got.status != 201 || time.Since(begin) != time.Minute {
			t.Errorf("after %v: %+v", time.Since(begin), got)
		}
	})
}

func TestEndlessFlood(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			c := over(t, protocol)
			c.Inject(sandbox.Fault{Times: -1, Action: sandbox.Flood(-1)})
			read := func() *http.Response {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/api/applications", http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := c.client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				if n, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil {
					t.Fatalf("after %d bytes: %v", n, err)
				}
				return resp
			}
			read().Body.Close() // the client gives up

			resp := read()
			defer resp.Body.Close()
			c.Close()
			if _, err := io.Copy(io.Discard, resp.Body); err == nil {
				t.Error("the response ended without an error")
			}
		})
	}
}
