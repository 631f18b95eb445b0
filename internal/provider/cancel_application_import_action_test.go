package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestCancelAction(t *testing.T) {
	t.Parallel()

	const name = "mport #1 of " + appName + " (ID "

	for status, tc := range map[string]struct{ progress, diagnostics, after string }{
		"Pending":   {"Asked to cancel i" + name + "%): Canceling", "", "Canceling"},
		"Running":   {"Asked to cancel i" + name + "%): Canceling", "", "Canceling"},
		"Paused":    {"Asked to cancel i" + name + "%): Canceling", "", "Canceling"},
		"Canceling": {"I" + name + "%) is being canceled already", "", "Canceling"},
		"Canceled":  {"I" + name + "%) was canceled already", "", "Canceled"},
		"Finished":  {"", "WARNING: : Nothing to cancel\nI" + name + "%) has already ended with the status Finished.", "Finished"},
		"Failed":    {"", "WARNING: : Nothing to cancel\nI" + name + "%) has already ended with the status Failed.", "Failed"},
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: status})

			result := configuredProtocol(t, tg).invoke(t.Context(), cancelAction, values{"application_import_id": str(strings.ToUpper(imp.ID))})

			if diff := cmp.Diff(strings.ReplaceAll(tc.progress, "%", imp.ID), strings.Join(result.progress, "\n")); diff != "" {
				t.Error(diff)
			}

			if diff := cmp.Diff(strings.ReplaceAll(tc.diagnostics, "%", imp.ID), details(result.diagnostics)); diff != "" {
				t.Error(diff)
			}

			if got := tg.onlyImport(t).Status; got != tc.after {
				t.Errorf("the import is %s, want %s", got, tc.after)
			}

			tg.expectCount(t, sandbox.OpCancel, 1)
		})
	}
}

func TestCancelAction_errors(t *testing.T) {
	t.Parallel()

	conflict := sandbox.Fault{Operation: sandbox.OpCancel, Action: sandbox.Envelope(409, "conflict", "It is too late")}

	for name, tc := range map[string]struct {
		id     string
		faults []sandbox.Fault
		want   []string
	}{
		"unknown": {
			"11111111-2222-3333-4444-555555555555", nil,
			[]string{`ERROR: AttributeName("application_import_id"): Import not found`, "Check the ID"},
		},
		"token refused": {
			"", []sandbox.Fault{{Operation: sandbox.OpCancel, Action: sandbox.Envelope(401, "unauthorized", "no")}},
			[]string{"ERROR: : Import could not be canceled", "The token was refused"},
		},
		"another's 404": {
			"", []sandbox.Fault{{Operation: sandbox.OpCancel, Action: sandbox.Respond(404, "text/html", "<html>")}},
			[]string{"ERROR: : Import could not be canceled", envEndpoint},
		},
		"no response": {
			"", []sandbox.Fault{{Operation: sandbox.OpCancel, Action: sandbox.CloseConnection()}},
			[]string{"ERROR: : Import could not be canceled", "Invoking the action again"},
		},
		"a conflict, but it runs": {
			"", []sandbox.Fault{conflict},
			[]string{"ERROR: : Import could not be canceled", "It is too late", "The status of the import #1 of " + appName, "is Running"},
		},
		"a conflict, and it cannot be read": {
			"", []sandbox.Fault{conflict, {Operation: sandbox.OpGetImport, Action: sandbox.Envelope(500, "server_error", "out of order")}},
			[]string{"WARNING: : Nothing to cancel", "It is too late", "out of order"},
		},
		"a conflict, and it is gone": {
			"", []sandbox.Fault{conflict, {Operation: sandbox.OpGetImport, Action: sandbox.Envelope(404, "not_found", "gone")}},
			[]string{"WARNING: : Nothing to cancel", "It is too late", "gone"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Running"})

			if tc.id == "" {
				tc.id = imp.ID
			}

			for _, f := range tc.faults {
				tg.sandbox.Inject(f)
			}

			p := configuredWith(t, tg, values{"max_retries": number(0)})

			result := p.invoke(t.Context(), cancelAction, values{"application_import_id": str(tc.id)})
			expectAll(t, details(result.diagnostics), tc.want...)

			if len(result.progress) > 0 {
				t.Errorf("the progress is %q, want none", result.progress)
			}
		})
	}
}

// An import with an unknown status has ended if it has a build end.
func TestCancelAction_unknownOutcome(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	now := time.Now()
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Rejected", BuildEnd: &now})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Action: sandbox.Envelope(409, "conflict", "It is too late")})

	result := configuredProtocol(t, tg).invoke(t.Context(), cancelAction, values{"application_import_id": str(imp.ID)})
	if got := summaries(result.diagnostics); got != "WARNING: Nothing to cancel" {
		t.Error(details(result.diagnostics))
	}
	expectAll(t, details(result.diagnostics), "Rejected")
}

// The response to the first request is lost, and the second request finds an
// import that is being canceled: the action succeeds.
func TestCancelAction_responseLost(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Pending"})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Processed: true, Action: sandbox.CloseConnection()})

	result := configuredProtocol(t, tg).invoke(t.Context(), cancelAction, values{"application_import_id": str(imp.ID)})
	if text := details(result.diagnostics); text != "" {
		t.Error(text)
	}

	expectAll(t, strings.Join(result.progress, "\n"), "is being canceled already")
	tg.expectCount(t, sandbox.OpCancel, 2)
}

func TestCancelAction_interrupted(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Pending"})
	ctx := interruptOn(t, tg, sandbox.OpCancel, 1)
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Action: sandbox.Hang()})

	result := configuredProtocol(t, tg).invoke(ctx, cancelAction, values{"application_import_id": str(imp.ID)})
	expectAll(t, details(result.diagnostics), "ERROR: : Import could not be canceled", "Terraform was interrupted.", "Invoking the action again")

	if len(result.progress) > 0 {
		t.Errorf("the progress is %q, want none", result.progress)
	}
}

func TestCancelAction_config(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p := configuredProtocol(t, tg)

	for name, tc := range map[string]struct {
		id             tftypes.Value
		validate, plan string
	}{
		"good":          {str(appID), "", ""},
		"null":          {tftypes.NewValue(tftypes.String, nil), "ERROR: Missing Configuration for Required Attribute", "ERROR: Missing value for application_import_id"},
		"not a GUID":    {str("#42"), "ERROR: Invalid GUID in application_import_id", "ERROR: Invalid GUID in application_import_id"},
		"not known yet": {unknownString(), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			config := values{"application_import_id": tc.id}

			if got := summaries(p.validateAction(cancelAction, config)); got != tc.validate {
				t.Errorf("validate: %s, want %s", got, tc.validate)
			}

			plan := p.planAction(cancelAction, config, true)
			if got := summaries(plan.Diagnostics); got != tc.plan || plan.Deferred != nil {
				t.Errorf("plan: %s, %v, want %s", got, plan.Deferred, tc.plan)
			}

			if tc.plan != "" {
				if got := summaries(p.invoke(t.Context(), cancelAction, config).diagnostics); got != tc.plan {
					t.Errorf("invoke: %s, want %s", got, tc.plan)
				}
			}
		})
	}

	if requests := tg.sandbox.Requests(); len(requests) > 0 {
		t.Errorf("the server got %v", requests)
	}
}
