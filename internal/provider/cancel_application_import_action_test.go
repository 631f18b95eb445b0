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

	const (
		requested = "Requested cancellation of import #1 of " + appName
		nothing   = "WARNING: Nothing to cancel"
		warned    = "Warning: Nothing to cancel"
		failed    = "ERROR: Import could not be canceled"
	)
	cancel := func(action sandbox.Action) sandbox.Fault {
		return sandbox.Fault{Operation: sandbox.OpCancel, Action: action}
	}
	read := func(action sandbox.Action) sandbox.Fault {
		return sandbox.Fault{Operation: sandbox.OpGetImport, Action: action}
	}
	refused, page := sandbox.Envelope(401, "unauthorized", "no"), sandbox.Respond(404, "text/html", "<html>")
	broken := sandbox.Envelope(500, "server_error", "out of order")
	conflict := cancel(sandbox.Envelope(409, "conflict", "It is too late"))
	// An import with an unknown status has ended if it has a build end.
	rejected := sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
		ends := strings.NewReplacer(`"Running"`, `"Rejected"`, `"buildEnd":null`, `"buildEnd":"2026-01-01T00:00:00Z"`)
		return status, []byte(ends.Replace(string(body)))
	})

	for name, tc := range map[string]struct {
		status   string
		faults   []sandbox.Fault
		progress string // empty if nothing was canceled
		summary  string
		want     string
	}{
		"pending":   {"Pending", nil, requested, "", ""},
		"running":   {"Running", nil, requested, "", ""},
		"paused":    {"Paused", nil, requested, "", ""},
		"canceling": {"Canceling", nil, "is already being canceled", "", ""},
		"canceled":  {"Canceled", nil, "was already canceled", "", ""},
		"finished":  {"Finished", nil, warned, nothing, "has already ended with the status Finished."},
		"failed":    {"Failed", nil, warned, nothing, "has already ended with the status Failed."},
		"unknown": {
			"Running", []sandbox.Fault{cancel(notFound())}, "", "ERROR: Import not found",
			`AttributeName("application_import_id") … Check the ID`,
		},
		"token refused": {"Running", []sandbox.Fault{cancel(refused)}, "", failed, "The token was refused"},
		"another's 404": {"Running", []sandbox.Fault{cancel(page)}, "", failed, envEndpoint},
		"no response":   {"Running", []sandbox.Fault{cancel(sandbox.CloseConnection())}, "", failed, "Invoking the action again"},
		"conflict, it runs": {
			"Running", []sandbox.Fault{conflict}, "", failed, "It is too late … The status of import #1 of " + appName + " … is Running",
		},
		"conflict, it has a build end": {"Running", []sandbox.Fault{conflict, read(rejected)}, warned, nothing, "with the status Rejected"},
		"conflict, it cannot be read":  {"Running", []sandbox.Fault{conflict, read(broken)}, warned, nothing, "It is too late … out of order"},
		"conflict, it is gone":         {"Running", []sandbox.Fault{conflict, read(notFound())}, warned, nothing, "It is too late … not found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{}).held()
			id := tg.addImport(tc.status).ID
			for _, f := range tc.faults {
				tg.sandbox.Inject(f)
			}
			p := configuredProtocol(t, tg, values{"max_retries": 0})
			result := p.invoke(t.Context(), cancelAction, canceling(strings.ToUpper(id)))
			wantContains(t, wantSummaries(t, result.diagnostics, tc.summary), tc.want)
			tg.wantRequests(t, requests{sandbox.OpCancel: 1})
			progress := strings.Join(result.progress, "\n")
			if (progress == "") != (tc.progress == "") {
				t.Errorf("the progress is %q", progress)
			}
			if tc.progress == requested {
				tc.status = sandbox.StatusCanceling
			}
			if tc.progress != "" {
				wantContains(t, strings.ToLower(progress), strings.ToLower(tc.progress), "id "+strings.ToLower(id))
			}
			if got := tg.onlyImport(t).Status; got != tc.status {
				t.Errorf("the import is %s, want %s", got, tc.status)
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
