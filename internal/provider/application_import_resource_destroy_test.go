package provider_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Destroying cancels an import that has not ended, and succeeds if there is
// nothing to cancel anymore.
func TestDelete(t *testing.T) {
	t.Parallel()

	pending := func(*testing.T, target) {}
	status := func(status string) func(*testing.T, target) {
		return func(t *testing.T, tg target) { t.Helper(); tg.setStatus(t, status) }
	}

	for name, tc := range map[string]struct {
		config  values
		arrange func(*testing.T, target)
		cancels int
		// want is the final status on the server; empty if the import is
		// removed.
		want string
	}{
		"pending":                    {nil, pending, 1, sandbox.StatusCanceling},
		"running":                    {nil, status(sandbox.StatusRunning), 1, sandbox.StatusCanceling},
		"paused":                     {nil, status("Awaiting Review"), 1, sandbox.StatusCanceling},
		"canceling":                  {nil, status(sandbox.StatusCanceling), 1, sandbox.StatusCanceling},
		"finished since it was read": {nil, status(sandbox.StatusFinished), 0, sandbox.StatusFinished},
		"removed since it was read":  {nil, func(t *testing.T, tg target) { t.Helper(); tg.sandbox.RemoveImport(tg.onlyImport(t).ID) }, 0, ""},
		"not to be canceled":         {values{"cancel_on_destroy": boolean(false)}, pending, 0, sandbox.StatusPending},
		"response lost": {nil, func(_ *testing.T, tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Processed: true, Action: sandbox.CloseConnection()})
		}, 2, sandbox.StatusCanceling},
		"read refused": {nil, func(_ *testing.T, tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: sandbox.Envelope(403, "forbidden", "No")})
		}, 1, sandbox.StatusCanceling},
		"204": {nil, func(_ *testing.T, tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Processed: true, Action: sandbox.Respond(204, "", "")})
		}, 1, sandbox.StatusCanceling},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, state := created(t, tg)
			for name, value := range tc.config {
				state[name] = value
			}
			tc.arrange(t, tg)

			resp := p.destroy(t.Context(), state)
			if len(resp.Diagnostics) > 0 || p.state(resp.NewState) != nil {
				t.Errorf("the state is %v: %s", p.state(resp.NewState), details(resp.Diagnostics))
			}
			tg.expectCount(t, sandbox.OpCancel, tc.cancels)
			if tc.want != "" && tg.onlyImport(t).Status != tc.want {
				t.Errorf("the import is %s, want %s", tg.onlyImport(t).Status, tc.want)
			}
		})
	}
}

// If an import cannot be canceled, it stays in the state.
func TestDelete_fails(t *testing.T) {
	t.Parallel()

	const forget = "terraform state rm ADDRESS"

	for name, tc := range map[string]struct {
		action sandbox.Action
		gone   bool // whether the server may be gone
	}{
		"page 404": {echoPage(404), false}, "login page": {sandbox.LoginPage(), false}, "500": {echoEnvelope(500, "server_error"), false},
		"hanging server": {sandbox.Hang(), true}, "connection closed": {sandbox.CloseConnection(), true},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, before, state := createdResponse(t, tg)
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Times: -1, Action: tc.action})

			resp := p.destroy(t.Context(), state)
			if summaries(resp.Diagnostics) != "ERROR: Import could not be canceled" || !bytes.Equal(packed(resp.NewState), packed(before.NewState)) {
				t.Errorf("the state is %v: %s", p.state(resp.NewState), details(resp.Diagnostics))
			}
			if got := strings.Contains(details(resp.Diagnostics), forget); got != tc.gone {
				t.Errorf("%q is in the diagnostics: %t\n%s", forget, got, details(resp.Diagnostics))
			}
		})
	}
}

// One 404 does not prove that an import is gone, and an import of another
// application is not canceled: both stay in the state with an error.
func TestDelete_doubts(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		fault   sandbox.Fault
		want    string
		cancels int
	}{
		"passing 404": {
			sandbox.Fault{Operation: sandbox.OpCancel, Action: sandbox.Envelope(404, "not_found", "Application import not found")},
			"ERROR: Import could not be canceled", 1,
		},
		"another application": {
			sandbox.Fault{Operation: sandbox.OpGetImport, Action: sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
				return status, bytes.ReplaceAll(body, []byte(appID), []byte(otherAppID))
			})},
			"ERROR: Import belongs to another application", 0,
		},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, before, state := createdResponse(t, tg)
			tg.sandbox.Inject(tc.fault)

			resp := p.destroy(t.Context(), state)
			if summaries(resp.Diagnostics) != tc.want || !bytes.Equal(packed(resp.NewState), packed(before.NewState)) {
				t.Errorf("the state is %v: %s", p.state(resp.NewState), details(resp.Diagnostics))
			}
			tg.expectCount(t, sandbox.OpCancel, tc.cancels)
			if got := tg.onlyImport(t).Status; got != sandbox.StatusPending {
				t.Errorf("the import is %s", got)
			}
		})
	}
}
