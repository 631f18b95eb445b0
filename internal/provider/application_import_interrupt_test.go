package provider_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// interruptWhen ends the returned context, as Ctrl-C does, when the server gets
// a request of that kind.
func interruptWhen(t *testing.T, tg target, op sandbox.Operation) context.Context {
	t.Helper()

	ctx, interrupt := context.WithCancel(t.Context())
	t.Cleanup(interrupt)

	tg.sandbox.Inject(sandbox.Fault{Operation: op, When: func(sandbox.Request) bool {
		interrupt()

		return false
	}})

	return ctx
}

func TestApplicationImport_interruptedCreate(t *testing.T) {
	t.Parallel()

	waiting := values{"application_id": str(appID), "wait_for_completion": boolean(true)}

	for name, tc := range map[string]struct {
		// at is the request during which Terraform is interrupted.
		at      sandbox.Operation
		want    string
		imports int
	}{
		"before the POST": {sandbox.OpListImports, "ERROR: Staging was interrupted", 0},
		"during the POST": {sandbox.OpStage, "WARNING: Stopped waiting for the import", 1},
		"while waiting":   {sandbox.OpGetImport, "WARNING: Stopped waiting for the import", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()

			p := configuredProtocol(t, tg)
			resp := p.apply(interruptWhen(t, tg, tc.at), nil, waiting)

			if got := summaries(resp.Diagnostics); got != tc.want {
				t.Errorf("diagnostics:\n%s\nwant:\n%s", details(resp.Diagnostics), tc.want)
			}

			if n := len(tg.sandbox.Imports()); n != tc.imports {
				t.Fatalf("the server has %d imports, want %d", n, tc.imports)
			}

			state := p.attributes(p.resourceSchema(), resp.NewState)
			if (state != nil) != (tc.imports == 1) {
				t.Fatalf("the state is %v", state)
			}

			if state == nil {
				return
			}

			if id := str(tg.onlyImport(t).ID); !state["id"].Equal(id) || !state["status"].Equal(str("Pending")) {
				t.Errorf("the state has id %s and status %s", state["id"], state["status"])
			}

			if resp.NewIdentity == nil {
				t.Error("no identity was saved")
			}
		})
	}
}

// The answer to the POST is lost and Terraform is interrupted at once: the
// import is found all the same.
func TestApplicationImport_interruptedWithDoubt(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	ctx := interruptWhen(t, tg, sandbox.OpStage)
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: sandbox.CloseConnection()})

	p := configuredProtocol(t, tg)
	resp := p.apply(ctx, nil, values{"application_id": str(appID)})

	if got := summaries(resp.Diagnostics); got != "WARNING: "+recovered {
		t.Error(details(resp.Diagnostics))
	}

	if id := p.attributes(p.resourceSchema(), resp.NewState)["id"]; !id.Equal(str(tg.onlyImport(t).ID)) {
		t.Errorf("the state has id %s", id)
	}

	tg.expectCount(t, sandbox.OpStage, 1)
}

// Whoever waits for a server that has gone is told so when they give up.
func TestApplicationImport_interruptedWhileNothingCanBeRead(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()

	reads := 0
	tg.sandbox.Inject(sandbox.Fault{
		Operation: sandbox.OpGetImport, Times: -1, Action: sandbox.Answer(502, "text/html", "<h1>Bad Gateway</h1>"),
		When: func(sandbox.Request) bool {
			if reads++; reads == 2 {
				interrupt()
			}

			return true
		},
	})

	p := newProtocol(t)
	p.configure(values{"endpoint": str(tg.endpoint), "token": str(tg.token), "max_retries": tftypes.NewValue(tftypes.Number, 0)}, false)

	got := details(p.apply(ctx, nil, values{"application_id": str(appID), "wait_for_completion": boolean(true)}).Diagnostics)
	expectAll(t, got, "WARNING: ", "Stopped waiting for the import", "the next apply waits for it again", "It could not be read any more", "502")
}

func TestApplicationImport_interruptedUpdate(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	p := configuredProtocol(t, tg)
	created := p.attributes(p.resourceSchema(), p.apply(t.Context(), nil, values{"application_id": str(appID)}).NewState)

	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()

	// The first read is the update's own, the second belongs to the wait.
	reads := 0
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, When: func(sandbox.Request) bool {
		if reads++; reads == 2 {
			interrupt()
		}

		return false
	}})

	resp := p.apply(ctx, created, values{"application_id": str(appID), "wait_for_completion": boolean(true)})

	if got := summaries(resp.Diagnostics); got != "WARNING: Stopped waiting for the import" {
		t.Error(details(resp.Diagnostics))
	}

	state := p.attributes(p.resourceSchema(), resp.NewState)
	if !state["id"].Equal(created["id"]) || !state["wait_for_completion"].Equal(boolean(true)) {
		t.Errorf("the state is %v", state)
	}

	// The next plan waits on.
	next := p.attributes(p.resourceSchema(), p.plan(state, values{"application_id": str(appID), "wait_for_completion": boolean(true)}).PlannedState)
	if next["status"].IsKnown() || !next["id"].Equal(created["id"]) {
		t.Errorf("the next plan has status %s and id %s", next["status"], next["id"])
	}
}

// A time-out in an update leaves the state, with an error that says how to go on.
func TestApplicationImport_updateTimesOut(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	p := configuredProtocol(t, tg)
	created := p.attributes(p.resourceSchema(), p.apply(t.Context(), nil, values{"application_id": str(appID)}).NewState)

	resp := p.apply(t.Context(), created, values{
		"application_id": str(appID), "wait_for_completion": boolean(true), "timeouts": timeouts("600ms", "600ms"),
	})

	got := details(resp.Diagnostics)
	for _, want := range []string{"Import did not end in time", "after 600ms", "last status was Pending", "Run terraform apply again to wait on."} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}

	if strings.Contains(got, "untaint") {
		t.Errorf("nothing is tainted by an update:\n%s", got)
	}

	if state := p.attributes(p.resourceSchema(), resp.NewState); !state["wait_for_completion"].Equal(boolean(false)) {
		t.Errorf("the state was changed: %v", state)
	}
}

// An imported resource has settings; one of an earlier version may not.
func TestApplicationImport_stateWithoutSettings(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Pending"})

	p := configuredProtocol(t, tg)
	read := p.read(values{"id": str(imp.ID)})

	if text := details(read.Diagnostics); text != "" {
		t.Fatal(text)
	}

	state := p.attributes(p.resourceSchema(), read.NewState)
	if !state["application_id"].Equal(str(appID)) || !state["status"].Equal(str("Pending")) || !state["cancel_on_destroy"].IsNull() {
		t.Errorf("the state is %v", state)
	}

	plan := p.plan(state, values{"application_id": str(strings.ToUpper(appID))})
	if len(plan.RequiresReplace) > 0 {
		t.Errorf("it would be replaced for %v", plan.RequiresReplace)
	}

	if text := details(p.destroy(t.Context(), state).Diagnostics); text != "" {
		t.Fatal(text)
	}

	tg.expectCount(t, sandbox.OpCancel, 1)
}

// With a provider configuration that is not known yet, a plan goes on with
// what the state has, and nothing is asked.
func TestApplicationImport_providerNotConfigured(t *testing.T) {
	t.Parallel()

	p := newProtocol(t)
	unknown := values{"endpoint": tftypes.NewValue(tftypes.String, tftypes.UnknownValue), "token": str(token)}

	if resp := p.configure(unknown, false); len(resp.Diagnostics) > 0 {
		t.Fatalf("configure: %s", details(resp.Diagnostics))
	}

	state := values{"id": str("11111111-2222-3333-4444-555555555555"), "application_id": str(appID), "status": str("Running")}
	if read := p.read(state); len(read.Diagnostics) > 0 || !p.attributes(p.resourceSchema(), read.NewState)["status"].Equal(str("Running")) {
		t.Errorf("read: %s", details(read.Diagnostics))
	}

	if plan := p.plan(nil, values{"application_id": str(appID)}); len(plan.Diagnostics) > 0 {
		t.Errorf("plan: %s", details(plan.Diagnostics))
	}

	const notKnown = "ERROR: Provider configuration is not known yet"

	for name, diags := range map[string][]*tfprotov6.Diagnostic{
		"create": p.apply(t.Context(), nil, values{"application_id": str(appID)}).Diagnostics,
		"update": p.apply(t.Context(), state, values{"application_id": str(appID), "wait_for_completion": boolean(true)}).Diagnostics,
		"delete": p.destroy(t.Context(), state).Diagnostics,
	} {
		if got := summaries(diags); got != notKnown {
			t.Errorf("%s: %s", name, details(diags))
		}
	}

	// A Terraform that can defer is asked to.
	deferring := newProtocol(t)
	deferring.configure(unknown, true)

	plan := deferring.plan(nil, values{"application_id": str(appID)})
	if plan.Deferred == nil || plan.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
		t.Errorf("deferred: %v", plan.Deferred)
	}
}

// Staging takes no longer than the time-out of the create.
func TestApplicationImport_createTimesOutBeforeStaging(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Times: -1, Action: sandbox.Hang()})

	p := configuredProtocol(t, tg)

	start := time.Now()
	got := details(p.apply(t.Context(), nil, values{"application_id": str(appID), "timeouts": timeouts("200ms", "200ms")}).Diagnostics)

	for _, want := range []string{"Import could not be staged", "Nothing was staged.", "time-out of the whole operation"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}

	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}

	tg.expectCount(t, sandbox.OpStage, 0)
}
