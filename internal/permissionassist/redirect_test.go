package permissionassist

import (
	"net/http"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

func TestRedirects(t *testing.T) {
	t.Parallel()

	for name, status := range map[string]int{"301": 301, "302": 302, "303": 303, "307": 307, "308": 308} {
		t.Run("followed to the same origin "+name, func(t *testing.T) {
			t.Parallel()

			s := newSandbox(t, sandbox.Options{})
			mux := http.NewServeMux()
			mux.Handle("/api/", s)
			mux.Handle("/old/api/", http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				http.Redirect(w, req, strings.TrimPrefix(req.URL.Path, "/old"), status)
			}))

			c := newSocketClient(t, serve(t, mux).URL+"/old")

			app, err := c.GetApplication(t.Context(), appID)
			if err != nil {
				t.Fatal(err)
			}

			if app.ID != appID {
				t.Errorf("the application is %+v", app)
			}

			for _, r := range s.Requests() {
				if !r.Authorized {
					t.Errorf("%s was sent without the token", r.Path)
				}
			}
		})

		t.Run("POST is not sent again "+name, func(t *testing.T) {
			t.Parallel()

			s, url := sandboxtest.Start(t, sandbox.Options{})
			s.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Times: -1, Action: sandbox.Redirect(status, "/api/application-imports/cancel")})

			_, err := newSocketClient(t, url, maxRetries(3)).CancelImport(t.Context(), importID)

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

		_, err := newSocketClient(t, url).ListApplications(t.Context())
		wantErrorOf[*UnexpectedResponseError](t, err)
		wantRequests(t, s, "", 6)
	})
}

func TestRedirectsElsewhere(t *testing.T) {
	t.Parallel()

	elsewhere, elsewhereURL := sandboxtest.Start(t, sandbox.Options{})
	overTLS, tlsURL, _ := sandboxtest.StartTLS(t, sandbox.Options{})

	for name, location := range map[string]string{
		"another port":   elsewhereURL,
		"another host":   strings.Replace(elsewhereURL, "127.0.0.1", "localhost", 1),
		"another scheme": tlsURL,
		"no scheme":      strings.TrimPrefix(elsewhereURL, "http:"),
		"user name":      strings.Replace(elsewhereURL, "//", "//admin:hunter2@", 1),
	} {
		for _, post := range []bool{false, true} {
			t.Run(name+map[bool]string{false: " GET", true: " POST"}[post], func(t *testing.T) {
				t.Parallel()

				s, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}}})
				fault := s.Inject(sandbox.Fault{Times: -1, Action: sandbox.Redirect(307, location+"/api/login?SAMLRequest=s3cret#f")})
				c := newSocketClient(t, url)

				var err error
				if post {
					_, err = c.CancelImport(t.Context(), importID)
				} else {
					_, err = c.GetImport(t.Context(), importID, "")
				}

				unexpected := wantErrorAs[*UnexpectedResponseError](t, err)
				if unexpected.StatusCode != 307 || !strings.HasSuffix(unexpected.Location, "/api/login") {
					t.Errorf("the error is %+v", unexpected)
				}

				wantContains(t, err.Error(), "redirect", unexpected.Location)
				wantNotContains(t, err.Error(), "s3cret", "SAMLRequest", "hunter2", testToken)

				if fault.Fired() != 1 {
					t.Errorf("%d requests, want 1", fault.Fired())
				}

				wantRequests(t, elsewhere, "", 0)
				wantRequests(t, overTLS, "", 0)
			})
		}
	}
}

// A Location that is no URL is an answer like any other that is not the API's.
func TestRedirectToNoURL(t *testing.T) {
	t.Parallel()

	for name, location := range map[string]string{
		"bad escape": "https://elsewhere.test/%zz?SAMLRequest=s3cret",
		"no scheme":  "://elsewhere.test?SAMLRequest=s3cret",
		"missing":    "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			r := answering(replyHTML(302, "Location: "+location))

			_, err := newSocketClient(t, serve(t, r).URL, maxRetries(2)).GetApplication(t.Context(), appID)
			wantErrorOf[*UnexpectedResponseError](t, err)
			wantNotContains(t, err.Error(), "s3cret")

			if got := len(r.seen()); got != 1 {
				t.Errorf("%d requests, want 1", got)
			}
		})
	}
}
