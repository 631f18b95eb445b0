package provider_test

import (
	"strings"
	"testing"

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
		"Finished":  {"", "WARNING: : Nothing to cancel\nI" + name + "%) has finished already.", "Finished"},
		"Failed":    {"", "WARNING: : Nothing to cancel\nI" + name + "%) has failed already.", "Failed"},
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: status})

			heard := configuredProtocol(t, tg).invoke(t.Context(), cancelAction, values{"application_import_id": str(strings.ToUpper(imp.ID))})

			if diff := cmp.Diff(strings.ReplaceAll(tc.progress, "%", imp.ID), strings.Join(heard.progress, "\n")); diff != "" {
				t.Error(diff)
			}

			if diff := cmp.Diff(strings.ReplaceAll(tc.diagnostics, "%", imp.ID), details(heard.diagnostics)); diff != "" {
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
			"", []sandbox.Fault{{Operation: sandbox.OpCancel, Action: sandbox.Answer(404, "text/html", "<html>")}},
			[]string{"ERROR: : Import could not be canceled", "not the Permission Assist API"},
		},
		"no answer": {
			"", []sandbox.Fault{{Operation: sandbox.OpCancel, Action: sandbox.CloseConnection()}},
			[]string{"ERROR: : Import could not be canceled", "Invoking the action again does no harm."},
		},
		"a conflict, but it runs": {
			"", []sandbox.Fault{conflict},
			[]string{"ERROR: : Import could not be canceled", "It is too late", "The status of the import #1 of " + appName, "is Running"},
		},
		"a conflict, and it cannot be read": {
			"", []sandbox.Fault{conflict, {Operation: sandbox.OpGetImport, Action: sandbox.Envelope(500, "server_error", "out of order")}},
			[]string{"WARNING: : Nothing to cancel", "It is too late", "out of order", "has ended or is being canceled already"},
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

			p := newProtocol(t)
			p.configure(values{"endpoint": str(tg.endpoint), "token": str(token), "max_retries": tftypes.NewValue(tftypes.Number, 0)}, false)

			heard := p.invoke(t.Context(), cancelAction, values{"application_import_id": str(tc.id)})
			expectAll(t, details(heard.diagnostics), tc.want...)

			if len(heard.progress) > 0 {
				t.Errorf("it said %q", heard.progress)
			}
		})
	}
}

// The answer to a first request is lost, and the repeated one meets an import
// that is being canceled: that is what was asked for.
func TestCancelAction_answerLost(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Pending"})
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Processed: true, Action: sandbox.CloseConnection()})

	heard := configuredProtocol(t, tg).invoke(t.Context(), cancelAction, values{"application_import_id": str(imp.ID)})
	if text := details(heard.diagnostics); text != "" {
		t.Error(text)
	}

	expectAll(t, strings.Join(heard.progress, "\n"), "is being canceled already")
	tg.expectCount(t, sandbox.OpCancel, 2)
}

func TestCancelAction_interrupted(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Pending"})
	ctx := interruptWhen(t, tg, sandbox.OpCancel)
	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpCancel, Action: sandbox.Hang()})

	heard := configuredProtocol(t, tg).invoke(ctx, cancelAction, values{"application_import_id": str(imp.ID)})
	expectAll(t, details(heard.diagnostics), "ERROR: : Import could not be canceled", "Terraform was interrupted.", "does no harm")

	if len(heard.progress) > 0 {
		t.Errorf("it said %q", heard.progress)
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
		"null":          {tftypes.NewValue(tftypes.String, nil), "ERROR: Missing Configuration for Required Attribute", "ERROR: Missing application_import_id"},
		"not a GUID":    {str("#42"), "ERROR: Invalid GUID", "ERROR: Invalid GUID"},
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
