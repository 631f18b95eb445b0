package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestCancelAction(t *testing.T) {
	t.Parallel()

	const name = "mport #1 of " + appName + " (ID "

	for status, tc := range map[string]struct{ progress, diagnostics, after string }{
		"Pending":   {"Requested cancellation of i" + name + "%): Canceling", "", "Canceling"},
		"Running":   {"Requested cancellation of i" + name + "%): Canceling", "", "Canceling"},
		"Paused":    {"Requested cancellation of i" + name + "%): Canceling", "", "Canceling"},
		"Canceling": {"I" + name + "%) is already being canceled", "", "Canceling"},
		"Canceled":  {"I" + name + "%) was already canceled", "", "Canceled"},
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

	// An import with an unknown status has ended if it has a build end.
	rejected := sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
		return status, []byte(strings.NewReplacer(`"Running"`, `"Rejected"`, `"buildEnd":null`, `"buildEnd":"2026-01-01T00:00:00Z"`).Replace(string(body)))
	})
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
			[]string{"ERROR: : Import could not be canceled", "It is too late", "The status of import #1 of " + appName, "is Running"},
		},
		"a conflict, and it has a build end": {
			"", []sandbox.Fault{conflict, {Operation: sandbox.OpGetImport, Action: rejected}},
			[]string{"WARNING: : Nothing to cancel", "already ended with the status Rejected"},
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

func TestAccCancelAction_triggered(t *testing.T) {
	t.Parallel()
	needsTerraform114(t)

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Running"})

	lifecycle(t, resource.TestStep{
		// The ID is known only when the action is invoked.
		Config: tg.config(fmt.Sprintf(`
resource "terraform_data" "id" {
  input = %q
}

action "permissionassist_cancel_application_import" "test" {
  config {
    application_import_id = terraform_data.id.output
  }
}

resource "terraform_data" "release" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.permissionassist_cancel_application_import.test]
    }
  }
}
`, imp.ID)),
		ConfigStateChecks: []statecheck.StateCheck{tg.requests(sandbox.OpCancel, 1)},
	})

	if !t.Skipped() && tg.onlyImport(t).Status != sandbox.StatusCanceling {
		t.Errorf("the import is %s", tg.onlyImport(t).Status)
	}
}
