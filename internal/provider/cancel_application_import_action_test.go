package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func canceling(id string) values { return values{"application_import_id": id} }

func TestCancelAction(t *testing.T) {
	t.Parallel()

	const requested, ended = "Requested cancellation of import #1 of " + appName, "WARNING: Nothing to cancel"
	for status, tc := range map[string]struct{ progress, summary, detail, after string }{
		"Pending":   {requested, "", "", "Canceling"},
		"Running":   {requested, "", "", "Canceling"},
		"Paused":    {requested, "", "", "Canceling"},
		"Canceling": {"is already being canceled", "", "", "Canceling"},
		"Canceled":  {"was already canceled", "", "", "Canceled"},
		"Finished":  {"", ended, "has already ended with the status Finished.", "Finished"},
		"Failed":    {"", ended, "has already ended with the status Failed.", "Failed"},
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{}).held()
			id := tg.addImport(status).ID
			result := configuredProtocol(t, tg).invoke(t.Context(), cancelAction, canceling(strings.ToUpper(id)))
			progress, detail := strings.Join(result.progress, "\n"), wantSummaries(t, result.diagnostics, tc.summary)
			if (progress == "") != (tc.progress == "") {
				t.Errorf("the progress is %q", progress)
			}
			wantContains(t, progress, tc.progress)
			wantContains(t, detail, tc.detail)
			wantContains(t, progress+detail, "mport #1 of "+appName+" (ID "+id+")")
			if got := tg.onlyImport(t).Status; got != tc.after {
				t.Errorf("the import is %s, want %s", got, tc.after)
			}
			tg.wantRequests(t, requests{sandbox.OpCancel: 1})
		})
	}
}

func TestCancelAction_errors(t *testing.T) {
	t.Parallel()

	const failed, nothing = "ERROR: : Import could not be canceled", "WARNING: : Nothing to cancel"
	cancel := func(action sandbox.Action) sandbox.Fault {
		return sandbox.Fault{Operation: sandbox.OpCancel, Action: action}
	}
	read := func(action sandbox.Action) sandbox.Fault {
		return sandbox.Fault{Operation: sandbox.OpGetImport, Action: action}
	}
	conflict := cancel(sandbox.Envelope(409, "conflict", "It is too late"))
	// An import with an unknown status has ended if it has a build end.
	rejected := sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
		ends := strings.NewReplacer(`"Running"`, `"Rejected"`, `"buildEnd":null`, `"buildEnd":"2026-01-01T00:00:00Z"`)
		return status, []byte(ends.Replace(string(body)))
	})

	for name, tc := range map[string]struct {
		faults []sandbox.Fault
		want   []string
	}{
		"unknown": {
			[]sandbox.Fault{cancel(notFound())}, []string{`ERROR: AttributeName("application_import_id"): Import not found`, "Check the ID"},
		},
		"token refused": {[]sandbox.Fault{cancel(sandbox.Envelope(401, "unauthorized", "no"))}, []string{failed, "The token was refused"}},
		"another's 404": {[]sandbox.Fault{cancel(sandbox.Respond(404, "text/html", "<html>"))}, []string{failed, envEndpoint}},
		"no response":   {[]sandbox.Fault{cancel(sandbox.CloseConnection())}, []string{failed, "Invoking the action again"}},
		"a conflict, but it runs": {
			[]sandbox.Fault{conflict}, []string{failed, "It is too late", "The status of import #1 of " + appName, "is Running"},
		},
		"a conflict, and it has a build end": {
			[]sandbox.Fault{conflict, read(rejected)}, []string{nothing, "already ended with the status Rejected"},
		},
		"a conflict, and it cannot be read": {
			[]sandbox.Fault{conflict, read(sandbox.Envelope(500, "server_error", "out of order"))},
			[]string{nothing, "It is too late", "out of order"},
		},
		"a conflict, and it is gone": {[]sandbox.Fault{conflict, read(notFound())}, []string{nothing, "It is too late", "not found"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{}).held()
			id := tg.addImport(sandbox.StatusRunning).ID
			for _, f := range tc.faults {
				tg.sandbox.Inject(f)
			}
			p := configuredProtocol(t, tg, values{"max_retries": 0})
			result := p.invoke(t.Context(), cancelAction, canceling(id))
			wantContains(t, details(result.diagnostics), tc.want...)
			if len(result.progress) > 0 {
				t.Errorf("the progress is %q, want none", result.progress)
			}
		})
	}
}

// actionWhen returns an action, and a resource that invokes it when its input
// changes.
func actionWhen(input, actionType, config string) string {
	return block("action", actionType, "test", "config {\n "+config+"\n }") + fmt.Sprintf(`
resource "terraform_data" "release" {
  input = %q

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.%s.test]
    }
  }
}
`, input, actionType)
}

// The ID is known only when the action is invoked.
func TestAccCancelAction_triggered(t *testing.T) {
	t.Parallel()
	needs(t, 14, never)

	tg := newSandboxTarget(t, sandbox.Options{}).held()
	config := upstream(tg.addImport(sandbox.StatusRunning).ID) +
		actionWhen("1", cancelAction, "application_import_id = "+upstreamOutput)
	lifecycle(t, resource.TestStep{Config: tg.config(config)})
	if got := tg.onlyImport(t).Status; got != sandbox.StatusCanceling {
		t.Errorf("the import is %s", got)
	}
	tg.wantRequests(t, requests{sandbox.OpCancel: 1})
}
