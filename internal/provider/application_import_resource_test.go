package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const envEndpoint = "PERMISSIONASSIST_ENDPOINT"

// A wrong response to a refresh is an error and does not change the state.
func TestRead_wrongResponses(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		action sandbox.Action
		want   string
	}{
		"page 404":          {echoPage(404), envEndpoint},
		"page 200":          {echoPage(200), "[REDACTED]"},
		"other JSON 404":    {sandbox.Respond(404, "application/json", `{"error":"Not Found","status":404}`), envEndpoint},
		"other import":      {sandbox.Respond(200, "application/json", `{"id":"`+appID+`","number":7,"status":"Finished"}`), envEndpoint},
		"envelope 401":      {echoEnvelope(401, "unauthorized"), "comes from the provider's argument token"},
		"envelope 500":      {echoEnvelope(500, "server_error"), "[REDACTED]"},
		"redirect":          {sandbox.Redirect(302, "https://login.test/"+token), "[REDACTED]"},
		"half":              {sandbox.HalfResponse(), "GET /api/application-imports"},
		"other application": {otherApplicationID(), "does not cancel it"},
		"hanging server":    {sandbox.Hang(), "request_timeout"},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, before, state := createdResponse(t, tg)

			// Every endpoint responds like this.
			tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: tc.action})
			read := p.read(state, before.Private...)
			wantSameState(t, before.NewState, read.NewState)
			wantContains(t, wantSummaries(t, read.Diagnostics, "ERROR: Import could not be read"), tc.want)

			tg.sandbox.ClearFaults()
			read = p.read(state, before.Private...)
			wantClean(t, read.Diagnostics)
			wantSameState(t, before.NewState, read.NewState)
			tg.wantRequests(t, requests{sandbox.OpCancel: 0})
		})
	}
}

// An import that is gone is removed from the state, unless it is young. The
// client's TestRefreshApplicationImport_twoWitnesses has more.
func TestRead_gone(t *testing.T) {
	t.Parallel()

	for age, want := range map[time.Duration]string{
		10 * time.Minute: "WARNING: Import no longer exists", 9 * time.Minute: "ERROR: Import could not be read",
	} {
		inFakeTime(t, age.String(), func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, before, state := createdResponse(t, tg)
			<-time.After(age)
			tg.sandbox.RemoveImport(state.text("id"))

			read := p.read(state, before.Private...)
			got := wantSummaries(t, read.Diagnostics, want)
			if strings.HasPrefix(want, "ERROR") {
				wantSameState(t, before.NewState, read.NewState)
				wantContains(t, got, "staged less than ten minutes ago")
				return
			}
			wantContains(t, got, state.text("id"), "#1 of "+appName, "Pending", "| Application import with id")
			if after := p.state(read.NewState); after != nil {
				t.Errorf("the state is %v", after)
			}
		})
	}
}

// A terminal import is not read again. Its record may have been removed.
func TestRead_ended(t *testing.T) {
	t.Parallel()

	for _, status := range []string{sandbox.StatusFinished, sandbox.StatusFailed, sandbox.StatusCanceled, "Rejected"} {
		inFakeTime(t, status, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, state := created(t, tg)
			now, id := time.Now(), state.text("id")
			tg.sandbox.UpdateImport(id, func(i *sandbox.Import) { i.Status, i.BuildEnd = status, &now })

			ended := p.cleanRead(state)
			if ended.text("status") != status || ended.text("build_end") == "" {
				t.Fatalf("the state is %v", ended)
			}
			tg.sandbox.RemoveImport(id)
			tg.sandbox.ResetRequests()

			p.cleanRead(ended)
			p.plan(ended, values{"application_id": appID})
			wantClean(t, p.destroy(ended).Diagnostics)
			tg.wantOnlyRequests(t, "reading, planning and destroying", requests{})
		})
	}
}

// Destroying cancels an import that has not ended, and succeeds if there is
// nothing to cancel anymore.
func TestDelete(t *testing.T) {
	t.Parallel()

	pending := func(*testing.T, target) {}
	status := func(status string) func(*testing.T, target) {
		return func(t *testing.T, tg target) { t.Helper(); tg.setStatus(t, status) }
	}
	processed := func(action sandbox.Action) func(*testing.T, target) {
		return func(_ *testing.T, tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Processed: true, Action: action})
		}
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
		"paused":                     {nil, status("Awaiting Review"), 1, sandbox.StatusCanceling},
		"finished since it was read": {nil, status(sandbox.StatusFinished), 0, sandbox.StatusFinished},
		"removed since it was read":  {nil, func(t *testing.T, tg target) { t.Helper(); tg.sandbox.RemoveImport(tg.onlyImport(t).ID) }, 0, ""},
		"not to be canceled":         {values{"cancel_on_destroy": false}, pending, 0, sandbox.StatusPending},
		"response lost":              {nil, processed(sandbox.CloseConnection()), 2, sandbox.StatusCanceling},
		"204":                        {nil, processed(sandbox.Respond(204, "", "")), 1, sandbox.StatusCanceling},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, state := created(t, tg)
			<-time.After(10 * time.Minute)
			for name, value := range tc.config {
				state[name] = value
			}
			tc.arrange(t, tg)

			resp := p.destroy(state)
			if wantClean(t, resp.Diagnostics); p.state(resp.NewState) != nil {
				t.Errorf("the state is %v", p.state(resp.NewState))
			}
			tg.wantRequests(t, requests{sandbox.OpCancel: tc.cancels})
			if tc.want != "" && tg.onlyImport(t).Status != tc.want {
				t.Errorf("the import is %s, want %s", tg.onlyImport(t).Status, tc.want)
			}
		})
	}
}

// If an import cannot be canceled, it stays in the state. One 404 does not
// prove that an import is gone, and an import of another application is not
// canceled.
func TestDelete_fails(t *testing.T) {
	t.Parallel()

	const forget = "terraform state rm ADDRESS"
	always := func(action sandbox.Action) sandbox.Fault {
		return sandbox.Fault{Operation: sandbox.OpCancel, Times: -1, Action: action}
	}

	for name, tc := range map[string]struct {
		fault     sandbox.Fault
		attempted bool // whether a cancellation was requested
		gone      bool // whether the server may be gone
	}{
		"page 404":            {always(echoPage(404)), true, false},
		"401":                 {always(echoEnvelope(401, "unauthorized")), true, false},
		"hanging server":      {always(sandbox.Hang()), true, true},
		"connection closed":   {always(sandbox.CloseConnection()), true, true},
		"passing 404":         {sandbox.Fault{Operation: sandbox.OpCancel, Action: notFound()}, true, false},
		"another application": {sandbox.Fault{Operation: sandbox.OpGetImport, Action: otherApplicationID()}, false, true},
		"read refused": {
			sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: sandbox.Envelope(403, "forbidden", "No")}, false, false,
		},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, before, state := createdResponse(t, tg)
			tg.sandbox.Inject(tc.fault)

			resp := p.destroy(state)
			wantSameState(t, before.NewState, resp.NewState)
			got := wantSummaries(t, resp.Diagnostics, "ERROR: Import could not be canceled")
			if strings.Contains(got, forget) != tc.gone {
				t.Errorf("want %q: %t\n%s", forget, tc.gone, got)
			}
			if attempted := tg.sandbox.Count(sandbox.OpCancel) > 0; attempted != tc.attempted || tg.onlyImport(t).Status != sandbox.StatusPending {
				t.Errorf("a cancellation was requested: %t; the import is %s", attempted, tg.onlyImport(t).Status)
			}
		})
	}
}

// A node that lags does not know a young import. Destroying it requests the
// cancellation, and keeps the import in the state if that is not found either.
func TestDelete_young(t *testing.T) {
	t.Parallel()

	for name, canceled := range map[string]bool{"another node cancels it": true, "no node knows it": false} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, before, state := createdResponse(t, tg)
			imp := tg.onlyImport(t)
			tg.sandbox.RemoveImport(imp.ID)
			if canceled {
				tg.onRequest(sandbox.OpCancel, 1, func() { tg.sandbox.AddImport(imp) })
			}

			resp := p.destroy(state, before.Private...)
			if canceled {
				wantClean(t, resp.Diagnostics)
			} else {
				got := wantSummaries(t, resp.Diagnostics, "ERROR: Import is not visible yet")
				wantContains(t, got, "Try again in ten minutes", "terraform state rm ADDRESS", "#1 of "+appName)
			}
			if (p.state(resp.NewState) == nil) != canceled {
				t.Errorf("the state is %v", p.state(resp.NewState))
			}
			tg.wantRequests(t, requests{sandbox.OpCancel: 1})
		})
	}
}

// Staging takes a baseline and a POST. Planning and changing settings take no
// requests. TestRead_ended has an import that has ended.
func TestApplicationImport_requests(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{}).held()
	p, config := configuredProtocol(t, tg), values{"application_id": appID}
	wantClean(t, p.plan(nil, config).Diagnostics)
	tg.wantOnlyRequests(t, "planning", requests{})

	state := p.cleanCreate()
	tg.wantOnlyRequests(t, "staging", requests{sandbox.OpStage: 1, sandbox.OpListImports: 1})
	config["restage_on_failure"] = false
	state = p.state(p.apply(t.Context(), state, config).NewState)
	tg.wantOnlyRequests(t, "changing settings", requests{})

	state = p.cleanRead(state)
	wantClean(t, p.plan(state, config).Diagnostics)
	tg.wantOnlyRequests(t, "planning what has not ended", requests{sandbox.OpGetImport: 1})
	wantClean(t, p.destroy(state).Diagnostics)
	tg.wantOnlyRequests(t, "destroying what has not ended", requests{sandbox.OpGetImport: 1, sandbox.OpCancel: 1})
}

// A plan that destroys an import names it if it cancels it. TestDecide has the
// other plans.
func TestDelete_planNamesCanceled(t *testing.T) {
	t.Parallel()

	const cancels = "WARNING: This plan cancels import #1 of " + appName
	p, state := created(t, newSandboxTarget(t, sandbox.Options{}))
	for name, tc := range map[string]struct {
		status  string
		cancels bool
		want    string
	}{
		"destroyed":                 {"Paused", true, cancels + " (Paused)"},
		"destroyed, not canceled":   {"Paused", false, ""},
		"destroyed, being canceled": {"Canceling", true, ""},
		"destroyed, finished":       {"Finished", true, ""},
	} {
		state["status"], state["cancel_on_destroy"] = tc.status, tc.cancels
		if diags := p.planDestroy(state).Diagnostics; summaries(diags) != tc.want {
			t.Errorf("%s: %s", name, details(diags))
		}
	}

	// Terraform 1.11 plans for a removed block before it reads the import.
	other := configuredProtocol(t, newSandboxTarget(t, sandbox.Options{}))
	state["status"], state["cancel_on_destroy"] = "Pending", true
	wantSummaries(t, other.planDestroy(state).Diagnostics, cancels+" if it has not ended")
}

// The application already has an unfinished import: a new one is staged, and a
// warning names the other, without another request.
func TestCreate_namesUnfinished(t *testing.T) {
	t.Parallel()

	for status, warns := range map[string]bool{
		sandbox.StatusPending: true, sandbox.StatusRunning: true, "Paused": true,
		sandbox.StatusCanceling: false, sandbox.StatusFinished: false, sandbox.StatusFailed: false,
	} {
		inFakeTime(t, status, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{}).held()
			other := tg.addImport(status)
			p := configuredProtocol(t, tg)
			resp := p.apply(t.Context(), nil, values{"application_id": appID})
			if p.state(resp.NewState).text("id") == "" {
				t.Fatal(details(resp.Diagnostics))
			}
			tg.wantOnlyRequests(t, "staging", requests{sandbox.OpStage: 1, sandbox.OpListImports: 1})
			if !warns {
				wantClean(t, resp.Diagnostics)
				return
			}
			got := wantSummaries(t, resp.Diagnostics, "WARNING: Application already has an unfinished import, #1 ("+status+")")
			wantContains(t, got, "terraform import ADDRESS "+other.ID, cancelAction, "Import #2 of "+appName)
		})
	}
}

// If a replacement is refused after the old import was canceled, the error
// names the old one.
func TestCreate_namesCanceled(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p, state := created(t, tg)
	wantClean(t, p.destroy(state).Diagnostics)
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Envelope(422, "unprocessable_entity", "No schedule")})

	resp := p.apply(t.Context(), nil, values{"application_id": strings.ToUpper(appID)})
	got := wantSummaries(t, resp.Diagnostics, "ERROR: Import was not staged")
	wantContains(t, got, "this run canceled import #1 of "+appName, state.text("id"), "create_before_destroy")
}

// Ctrl-C loses no import: a staged import is in the state, without an error
// that would taint it.
func TestCreate_interrupted(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		at      sandbox.Operation
		fault   sandbox.Fault
		want    string
		imports int
	}{
		"before the POST": {sandbox.OpListImports, sandbox.Fault{}, "ERROR: Staging was interrupted", 0},
		"during the POST": {sandbox.OpStage, sandbox.Fault{}, "", 1},
		"during the POST, no usable response": {
			sandbox.OpStage, sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: sandbox.CloseConnection()}, recovered, 1,
		},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{}).held()
			ctx := interruptOn(t, tg, tc.at, 1)
			if tc.fault.Operation != "" {
				tg.sandbox.Inject(tc.fault)
			}

			p := configuredProtocol(t, tg)
			resp := p.apply(ctx, nil, values{"application_id": appID})
			wantSummaries(t, resp.Diagnostics, tc.want)

			state := p.state(resp.NewState)
			if n := len(tg.sandbox.Imports()); n != tc.imports || (state != nil) != (n == 1) {
				t.Fatalf("the server has %d imports, the state is %v", n, state)
			}
			if state != nil && (state.text("id") != tg.onlyImport(t).ID || resp.NewIdentity == nil) {
				t.Errorf("the state is %v, the identity %v", state, resp.NewIdentity)
			}
		})
	}
}
