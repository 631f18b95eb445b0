package provider_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

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
			expectUntouched(t, before.NewState, read.NewState, read.Diagnostics, tc.want)

			tg.sandbox.ClearFaults()
			if read := p.read(state, before.Private...); len(read.Diagnostics) > 0 || !bytes.Equal(packed(read.NewState), packed(before.NewState)) {
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
	expectSummaries(t, diags, "ERROR: Import could not be read")
	expectAll(t, details(diags), want)
}

// An import is removed from the state only if it is old enough, and the API's 404
// and the list agree twice.
func TestRead_gone(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		age         time.Duration
		arrange     func(*testing.T, target)
		gone, young bool
	}{
		"one 404": {time.Hour, func(_ *testing.T, tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Action: notFound()})
		}, false, false},
		"always 404, but listed": {time.Hour, func(_ *testing.T, tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: notFound()})
		}, false, false},
		"lagging for a moment": {time.Hour, func(t *testing.T, tg target) {
			t.Helper()
			imp := tg.onlyImport(t)
			tg.sandbox.RemoveImport(imp.ID)
			time.AfterFunc(3*time.Second, func() { tg.sandbox.AddImport(imp) })
		}, false, false},
		"removed":        {10 * time.Minute, func(t *testing.T, tg target) { tg.sandbox.RemoveImport(tg.onlyImport(t).ID) }, true, false},
		"removed, young": {9 * time.Minute, func(t *testing.T, tg target) { tg.sandbox.RemoveImport(tg.onlyImport(t).ID) }, false, true},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, before, state := createdResponse(t, tg)
			<-time.After(tc.age)
			tc.arrange(t, tg)
			start := time.Now()

			read := p.read(state, before.Private...)
			if tc.young {
				expectUntouched(t, before.NewState, read.NewState, read.Diagnostics, "staged less than ten minutes ago")
				return
			}
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
			if took := time.Since(start); took != 5*time.Second {
				t.Errorf("it was believed after %s, want 5s", took)
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
			now := time.Now()
			tg.sandbox.UpdateImport(tg.onlyImport(t).ID, func(i *sandbox.Import) { i.Status, i.BuildEnd = status, &now })

			ended := p.refreshed(state)
			if ended.text("status") != status || ended.text("build_end") == "" {
				t.Fatalf("the state is %v", ended)
			}
			tg.sandbox.RemoveImport(tg.onlyImport(t).ID)
			tg.sandbox.ResetRequests()

			p.refreshed(ended)
			expectClean(t, p.destroy(ended).Diagnostics)
			tg.expectCount(t, "", 0)
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
		"not to be canceled":         {values{"cancel_on_destroy": boolean(false)}, pending, 0, sandbox.StatusPending},
		"response lost": {nil, func(_ *testing.T, tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Processed: true, Action: sandbox.CloseConnection()})
		}, 2, sandbox.StatusCanceling},
		"204": {nil, func(_ *testing.T, tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Processed: true, Action: sandbox.Respond(204, "", "")})
		}, 1, sandbox.StatusCanceling},
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

// If an import cannot be canceled, it stays in the state. One 404 does not prove
// that an import is gone, and an import of another application is not canceled.
func TestDelete_fails(t *testing.T) {
	t.Parallel()

	const failed, forget = "ERROR: Import could not be canceled", "terraform state rm ADDRESS"
	always := func(action sandbox.Action) sandbox.Fault {
		return sandbox.Fault{Operation: sandbox.OpCancel, Times: -1, Action: action}
	}

	for name, tc := range map[string]struct {
		fault     sandbox.Fault
		want      string
		attempted bool // whether a cancellation was requested
		gone      bool // whether the server may be gone
	}{
		"page 404":          {always(echoPage(404)), failed, true, false},
		"login page":        {always(sandbox.LoginPage()), failed, true, false},
		"401":               {always(echoEnvelope(401, "unauthorized")), failed, true, false},
		"500":               {always(echoEnvelope(500, "server_error")), failed, true, false},
		"hanging server":    {always(sandbox.Hang()), failed, true, true},
		"connection closed": {always(sandbox.CloseConnection()), failed, true, true},
		"passing 404":       {sandbox.Fault{Operation: sandbox.OpCancel, Action: notFound()}, failed, true, false},
		"another application": {
			sandbox.Fault{Operation: sandbox.OpGetImport, Action: otherApplicationID()}, failed, false, true,
		},
		"read refused": {
			sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: sandbox.Envelope(403, "forbidden", "No")}, failed, false, false,
		},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{})
			p, before, state := createdResponse(t, tg)
			tg.sandbox.Inject(tc.fault)

			resp := p.destroy(state)
			if summaries(resp.Diagnostics) != tc.want || !bytes.Equal(packed(resp.NewState), packed(before.NewState)) {
				t.Errorf("the state is %v: %s", p.state(resp.NewState), details(resp.Diagnostics))
			}
			if got := strings.Contains(details(resp.Diagnostics), forget); got != tc.gone {
				t.Errorf("%q is in the diagnostics: %t\n%s", forget, got, details(resp.Diagnostics))
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
				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, When: func(sandbox.Request) bool {
					tg.sandbox.AddImport(imp)
					return false
				}})
			}

			resp := p.destroy(state, before.Private...)
			if canceled {
				expectClean(t, resp.Diagnostics)
			} else {
				expectSummaries(t, resp.Diagnostics, "ERROR: Import is not visible yet")
				expectAll(t, details(resp.Diagnostics), "Try again in ten minutes", "terraform state rm ADDRESS", "#1 of "+appName)
			}
			if (p.state(resp.NewState) == nil) != canceled {
				t.Errorf("the state is %v", p.state(resp.NewState))
			}
			tg.expectCount(t, sandbox.OpCancel, 1)
		})
	}
}

// A state from an earlier version or from terraform import may have no
// settings.
func TestRead_stateWithoutSettings(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Pending"})

	p := configuredProtocol(t, tg)
	state := p.refreshed(values{"id": str(imp.ID)})
	if state.text("application_id") != appID || state.text("status") != "Pending" || !state["cancel_on_destroy"].IsNull() {
		t.Errorf("the state is %v", state)
	}

	plan := p.plan(state, values{"application_id": str(strings.ToUpper(appID))})
	if len(plan.RequiresReplace) > 0 {
		t.Errorf("the plan replaces it because of %v", plan.RequiresReplace)
	}
	expectClean(t, p.destroy(state).Diagnostics)
	tg.expectCount(t, sandbox.OpCancel, 1)
}

// The ID of an import block and its identity accept the same spellings.
func TestImportID(t *testing.T) {
	t.Parallel()

	const (
		guid  = "0f8fad5b-d9cb-469f-a165-70867728950e"
		bare  = "0f8fad5bd9cb469fa16570867728950e"
		none  = "found no GUID"
		two   = "found 2 different GUIDs"
		pages = "https://pa.example.com/applications/"
	)

	p := configuredProtocol(t, newFakeTarget(t, sandbox.Options{}))

	for text, want := range map[string]string{
		guid: guid, strings.ToUpper(guid): guid, "{" + guid + "}": guid, bare: guid, strings.ToUpper(bare): guid, " " + guid + "\n": guid,
		"https://pa.example.com/imports/" + strings.ToUpper(guid) + "?tab=log": guid, "https://pa.example.com/#/imports?id=%7B" + guid + "%7D": guid,
		"42": none, "#1001": none, "": none, "latest": none, guid[1:]: none, guid + "0": none, pages + "5?key=" + token: none,
		pages + appID + "/imports/" + guid: two, guid + "," + appID: two,
	} {
		byID, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: resourceType, ID: text})
		if err != nil {
			t.Fatal(err)
		}

		for by, resp := range map[string]*tfprotov6.ImportResourceStateResponse{"ID": byID, "identity": p.importByIdentity(str(text))} {
			p.expectImportID(by+" "+text, resp, want)
		}
	}

	if got := details(p.importByIdentity(tftypes.NewValue(tftypes.String, nil)).Diagnostics); !strings.Contains(got, "ERROR: ") {
		t.Errorf("an identity without an ID: %s", got)
	}
}

// expectImportID expects the GUID in the state and in the identity. Otherwise
// it expects an error with the text that explains where to find a GUID and does
// not quote the ID.
func (p *protocol) expectImportID(name string, resp *tfprotov6.ImportResourceStateResponse, want string) {
	p.t.Helper()
	if len(resp.ImportedResources) == 1 && len(resp.Diagnostics) == 0 {
		imported := resp.ImportedResources[0]

		if got := p.state(imported.State)["id"]; !got.Equal(str(want)) || p.identityID(imported.Identity) != want {
			p.t.Errorf("%s: the ID is %s, the identity %s, want %s", name, got, p.identityID(imported.Identity), want)
		}
		return
	}

	got := details(resp.Diagnostics)
	for _, part := range []string{"ERROR: ", "Invalid import ID", want, "APPLICATION_ID/1001"} {
		if !strings.Contains(got, part) {
			p.t.Errorf("%s: %q is missing in: %s", name, part, got)
		}
	}

	if strings.Contains(got, token) || strings.Contains(got, appID) {
		p.t.Errorf("%s: the error quotes the ID: %s", name, got)
	}
}

// Imports of different applications take a baseline and a POST each. Planning
// them, changing their settings, and everything about an import that has ended
// takes no requests.
func TestApplicationImport_requests(t *testing.T) {
	t.Parallel()

	const n = 10

	var o sandbox.Options
	for i := range n {
		o.Applications = append(o.Applications, sandbox.Application{ID: fmt.Sprintf("3f2504e0-4f89-41d3-9a0c-%012x", i)})
	}
	tg := newSandboxTarget(t, o)
	tg.sandbox.HoldBuilds()
	p := configuredProtocol(t, tg)
	states, configs := make([]values, n), make([]values, n)
	each := func(states []values, call func(i int, state values)) {
		for i, state := range states {
			call(n-len(states)+i, state)
		}
	}

	for i := range states {
		configs[i] = values{"application_id": str(o.Applications[i].ID)}
		expectClean(t, p.plan(nil, configs[i]).Diagnostics)
	}
	tg.expectRequests(t, "planning", requests{})
	each(states, func(i int, _ values) { states[i] = p.staged(t, configs[i].text("application_id")) })
	tg.expectRequests(t, "staging", requests{sandbox.OpStage: n, sandbox.OpListImports: n})
	each(states, func(i int, state values) {
		configs[i]["cancel_on_destroy"] = boolean(true)
		states[i] = p.state(p.apply(t.Context(), state, configs[i]).NewState)
	})
	tg.expectRequests(t, "changing settings", requests{})
	each(states, func(i int, state values) {
		states[i] = p.refreshed(state)
		expectClean(t, p.plan(states[i], configs[i]).Diagnostics)
	})
	tg.expectRequests(t, "planning what has not ended", requests{sandbox.OpGetImport: n})

	// Half of the imports are canceled, half finish.
	ended := states[n/2:]
	for _, state := range states[:n/2] {
		expectClean(t, p.destroy(state).Diagnostics)
	}
	tg.expectRequests(t, "destroying what has not ended", requests{sandbox.OpGetImport: n / 2, sandbox.OpCancel: n / 2})
	tg.sandbox.ReleaseBuilds()
	if err := tg.sandbox.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	each(ended, func(i int, state values) { states[i] = p.refreshed(state) })
	tg.expectRequests(t, "seeing that they have ended", requests{sandbox.OpGetImport: len(ended)})
	each(ended, func(i int, state values) {
		expectClean(t, p.plan(p.refreshed(state), configs[i]).Diagnostics)
		expectClean(t, p.destroy(state).Diagnostics)
	})
	tg.expectRequests(t, "reading, planning and destroying what has ended", requests{})
}

func TestApplicationImport_config(t *testing.T) {
	t.Parallel()

	with := func(name string, value tftypes.Value) values {
		return values{"application_id": str(appID), name: value}
	}
	newProtocol(t).expectValidation("resource", map[string]configCase{
		"valid":         {with("max_age", str("20h")), ""},
		"unknown":       {values{"application_id": unknownString(), "max_age": unknownString()}, ""},
		"no GUID":       {values{"application_id": str("not-a-guid")}, "found no GUID"},
		"braces":        {values{"application_id": str("{" + appID + "}")}, ""},
		"URL":           {values{"application_id": str("https://pa.example.com/applications/" + appID + "?tab=imports")}, ""},
		"two GUIDs":     {values{"application_id": str(appID + " " + otherAppID)}, "found 2 different GUIDs"},
		"age of zero":   {with("max_age", str("0s")), `The value "0s" must be a positive duration`},
		"no duration":   {with("max_age", str("1d")), "1d"},
		"null triggers": {with("triggers", tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, nil)), ""},
	})
}

// A plan that cancels an import names it. TestDecide has more plans.
func TestApplicationImport_planNamesCanceled(t *testing.T) {
	t.Parallel()

	p, state := created(t, newSandboxTarget(t, sandbox.Options{}))
	for name, tc := range map[string]struct {
		status  string
		cancels bool
		config  values // nil destroys
		want    string
	}{
		"replaced":                  {"Running", true, values{"application_id": str(otherAppID)}, "WARNING: This plan cancels import #1 of " + appName + " (Running)"},
		"destroyed":                 {"Paused", true, nil, "WARNING: This plan cancels import #1 of " + appName + " (Paused)"},
		"destroyed, not canceled":   {"Paused", false, nil, ""},
		"destroyed, being canceled": {"Canceling", true, nil, ""},
		"destroyed, finished":       {"Finished", true, nil, ""},
		"kept":                      {"Paused", true, values{"application_id": str(appID)}, ""},
	} {
		state["status"], state["cancel_on_destroy"] = str(tc.status), boolean(tc.cancels)
		diags := p.planDestroy(state).Diagnostics
		if tc.config != nil {
			diags = p.plan(state, tc.config).Diagnostics
		}
		if got := summaries(diags); got != tc.want {
			t.Errorf("%s: %s", name, details(diags))
		}
	}

	// Terraform 1.11 plans for a removed block before it reads the import.
	other := configuredProtocol(t, newSandboxTarget(t, sandbox.Options{}))
	state["status"], state["cancel_on_destroy"] = str("Pending"), boolean(true)
	want := "WARNING: This plan cancels import #1 of " + appName + " if it has not ended"
	if got := summaries(other.planDestroy(state).Diagnostics); got != want {
		t.Errorf("not read: %s", got)
	}
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
			tg := newFakeTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			other := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: status})

			p := configuredProtocol(t, tg)
			resp := p.apply(t.Context(), nil, values{"application_id": str(appID)})
			if p.state(resp.NewState).text("id") == "" {
				t.Fatal(details(resp.Diagnostics))
			}
			tg.expectRequests(t, "staging", requests{sandbox.OpStage: 1, sandbox.OpListImports: 1})
			if !warns {
				expectClean(t, resp.Diagnostics)
				return
			}
			expectSummaries(t, resp.Diagnostics, "WARNING: Application already has an unfinished import, #1 ("+status+")")
			expectAll(t, details(resp.Diagnostics), "terraform import ADDRESS "+other.ID, cancelAction, "Import #2 of "+appName)
		})
	}
}

// The second of two resources for one application names the import of the first.
func TestCreate_namesFirstOfTwo(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p, first := created(t, tg)
	resp := p.apply(t.Context(), nil, values{"application_id": str(appID)})
	expectSummaries(t, resp.Diagnostics, "WARNING: Application already has an unfinished import, #1 (Pending)")
	expectAll(t, details(resp.Diagnostics), first.text("id"))
}

// If a replacement is refused after the old import was canceled, the error names
// the old one.
func TestCreate_namesCanceled(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p, state := created(t, tg)
	expectClean(t, p.destroy(state).Diagnostics)
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Envelope(422, "unprocessable_entity", "No schedule")})

	resp := p.apply(t.Context(), nil, values{"application_id": str(strings.ToUpper(appID))})
	expectSummaries(t, resp.Diagnostics, "ERROR: Import was not staged")
	expectAll(t, details(resp.Diagnostics), "this run canceled import #1 of "+appName, state.text("id"), "create_before_destroy")
}

// Ctrl-C loses no import: a staged import is in the state, without an error that
// would taint it.
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
			tg := newFakeTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			ctx := interruptOn(t, tg, tc.at, 1)
			if tc.fault.Operation != "" {
				tg.sandbox.Inject(tc.fault)
			}

			p := configuredProtocol(t, tg)
			resp := p.apply(ctx, nil, values{"application_id": str(appID)})
			expectSummaries(t, resp.Diagnostics, tc.want)

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
