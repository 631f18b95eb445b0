package provider_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// created stages an import on a held server and returns the state.
func created(t *testing.T, tg target) (*protocol, values) {
	t.Helper()

	p, _, state := createdResponse(t, tg)

	return p, state
}

// createdResponse is like created, but returns the whole response.
func createdResponse(t *testing.T, tg target) (*protocol, *tfprotov6.ApplyResourceChangeResponse, values) {
	t.Helper()

	tg.sandbox.HoldBuilds()
	p := configuredProtocol(t, tg)
	resp := p.apply(t.Context(), nil, values{"application_id": str(appID)})
	if text := details(resp.Diagnostics); text != "" {
		t.Fatal(text)
	}

	state := p.state(resp.NewState)

	return p, resp, state
}

func waiting() values {
	return values{"application_id": str(appID), "wait_for_completion": boolean(true)}
}

// setStatus changes the status of the only import.
func (tg target) setStatus(t *testing.T, status string) {
	t.Helper()
	tg.sandbox.UpdateImport(tg.onlyImport(t).ID, func(i *sandbox.Import) { i.Status = status })
}

func notFound() sandbox.Action {
	return sandbox.Envelope(http.StatusNotFound, "not_found", "Application import not found")
}

// A wrong response to a read is an error and does not change the state: in a
// refresh and in an update.
func TestRead_wrongResponses(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		action sandbox.Action
		want   string
	}{
		"page 404":       {echoPage(404), envEndpoint},
		"page 200":       {echoPage(200), "[REDACTED]"},
		"other JSON 404": {sandbox.Respond(404, "application/json", `{"error":"Not Found","status":404}`), envEndpoint},
		"other import":   {sandbox.Respond(200, "application/json", `{"id":"`+appID+`","number":7,"status":"Finished"}`), envEndpoint},
		"envelope 401":   {echoEnvelope(401, "unauthorized"), "It comes from the provider's argument token"},
		"envelope 500":   {echoEnvelope(500, "server_error"), "[REDACTED]"},
		"redirect":       {sandbox.Redirect(302, "https://login.test/"+token), "[REDACTED]"},
		"half":           {sandbox.HalfResponse(), "GET /api/application-imports"},
		"hanging server": {sandbox.Hang(), "request_timeout"},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, before, state := createdResponse(t, tg)

			// Every endpoint responds like this.
			tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: tc.action})

			read := p.readPrivate(state, before.Private)
			expectUntouched(t, before.NewState, read.NewState, read.Diagnostics, tc.want)
			update := p.apply(t.Context(), state, waiting())
			expectUntouched(t, before.NewState, update.NewState, update.Diagnostics, tc.want)

			tg.sandbox.ClearFaults()
			if read := p.readPrivate(state, before.Private); len(read.Diagnostics) > 0 || !bytes.Equal(packed(read.NewState), packed(before.NewState)) {
				t.Errorf("the next read: %s", details(read.Diagnostics))
			}
			tg.expectCount(t, sandbox.OpCancel, 0)
		})
	}
}

const envEndpoint = "PERMISSIONASSIST_ENDPOINT"

func expectUntouched(t *testing.T, before, after *tfprotov6.DynamicValue, diags []*tfprotov6.Diagnostic, want string) {
	t.Helper()

	if diff := cmp.Diff(packed(before), packed(after)); diff != "" {
		t.Errorf("the state has changed:\n%s", diff)
	}
	if got := summaries(diags); got != "ERROR: Import could not be read" {
		t.Errorf("the diagnostics are:\n%s", details(diags))
	}
	expectAll(t, details(diags), want)
}

// An import is removed from the state only if the API's 404 and the list agree.
func TestRead_gone(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		arrange func(*testing.T, target)
		gone    bool
	}{
		"one 404": {func(_ *testing.T, tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Action: notFound()})
		}, false},
		"always 404, but listed": {func(_ *testing.T, tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: notFound()})
		}, false},
		"removed": {func(t *testing.T, tg target) { tg.sandbox.RemoveImport(tg.onlyImport(t).ID) }, true},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, before, state := createdResponse(t, tg)
			tc.arrange(t, tg)

			read := p.readPrivate(state, before.Private)
			if !tc.gone {
				if len(read.Diagnostics) > 0 || p.state(read.NewState).text("status") != sandbox.StatusPending {
					t.Errorf("the state is %v: %s", p.state(read.NewState), details(read.Diagnostics))
				}

				return
			}

			if got := summaries(read.Diagnostics); got != "WARNING: Import no longer exists" || p.state(read.NewState) != nil {
				t.Errorf("the state is %v: %s", p.state(read.NewState), details(read.Diagnostics))
			}
			expectAll(t, details(read.Diagnostics), state.text("id"), "#1 of "+appName, "Pending", "| Application import with id")
		})
	}
}

// otherApplication makes the server report another application for the import.
func (tg target) otherApplication() {
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: sandbox.Rewrite(
		func(status int, body []byte) (int, []byte) {
			return status, bytes.ReplaceAll(body, []byte(appID), []byte(otherAppID))
		})})
}

// If the server reports an import for another application, every read is an
// error.
func TestRead_otherApplication(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "refresh and update", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		p, before, state := createdResponse(t, tg)
		tg.otherApplication()

		read := p.readPrivate(state, before.Private)
		expectUntouched(t, before.NewState, read.NewState, read.Diagnostics, otherAppID)
		update := p.apply(t.Context(), state, waiting())
		expectUntouched(t, before.NewState, update.NewState, update.Diagnostics, "neither waited for nor canceled")
		tg.expectCount(t, sandbox.OpCancel, 0)
	})
}

// A terminal import is not read again. Its record may have been removed.
func TestRead_ended(t *testing.T) {
	t.Parallel()

	for _, status := range []string{sandbox.StatusFinished, sandbox.StatusFailed, sandbox.StatusCanceled, "Rejected"} {
		inFakeTime(t, status, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, state := created(t, tg)
			now := time.Now()
			tg.sandbox.UpdateImport(tg.onlyImport(t).ID, func(i *sandbox.Import) { i.Status, i.BuildEnd = status, &now })

			ended := p.refreshed(t, state)
			if ended.text("status") != status || ended.text("build_end") == "" {
				t.Fatalf("the state is %v", ended)
			}
			tg.sandbox.RemoveImport(tg.onlyImport(t).ID)
			tg.sandbox.ResetRequests()

			p.refreshed(t, ended)
			if text := details(p.destroy(t.Context(), ended).Diagnostics); text != "" {
				t.Error(text)
			}
			tg.expectCount(t, "", 0)
		})
	}
}

// If the token is deleted during a run, every later operation is an error, and
// no import is lost.
func TestApplicationImport_tokenDeletedDuringRun(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "deleted", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		p, before, state := createdResponse(t, tg)
		create := p.applies(t.Context(), nil, values{"application_id": str(appID)})
		tg.sandbox.SetToken("pa_another")

		for name, call := range map[string]func() (*tfprotov6.ApplyResourceChangeResponse, error){
			"update": p.applies(t.Context(), state, waiting()), "destroy": p.sends(t.Context(), p.destroyRequest(state)),
		} {
			if resp, err := call(); err != nil || !bytes.Equal(packed(before.NewState), packed(resp.NewState)) ||
				!strings.Contains(details(resp.Diagnostics), "The token was refused") {
				t.Errorf("%s: %v %s", name, err, details(resp.Diagnostics))
			}
		}
		if resp, err := create(); err != nil || p.state(resp.NewState) != nil || !strings.Contains(details(resp.Diagnostics), "The token was refused") {
			t.Errorf("create: %v %s", err, details(resp.Diagnostics))
		}
		if got := tg.onlyImport(t).Status; got != sandbox.StatusPending {
			t.Errorf("the import is %s, want Pending", got)
		}
	})
}

// If a server echoes the token in values, no diagnostic and no state has it.
func TestApplicationImport_tokenInValues(t *testing.T) {
	t.Parallel()

	for name, echo := range map[string]string{"as it is": token, "escaped": `\u0070` + token[1:]} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{TokenName: "made with " + token})
			tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) {
				a.Name, a.FailBuilds, a.FailLog = "Silverlake "+token, true, "first\ncurl -H 'Bearer "+token+"'\nlast"
			})
			tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
				return status, bytes.ReplaceAll(body, []byte(token), []byte(echo))
			})})

			p := configuredProtocol(t, tg)
			resp := p.apply(t.Context(), nil, waiting())
			expectAll(t, details(resp.Diagnostics), "| curl -H 'Bearer [REDACTED]'")
			expectAll(t, p.state(resp.NewState).text("created_by"), "[REDACTED]")
		})
	}
}
