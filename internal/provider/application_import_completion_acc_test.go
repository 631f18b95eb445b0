package provider_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// waitingImport is an import with its completion.
func waitingImport() string {
	return importResource(appID, "") + completionResource("timeouts {\n create = \"2m\"\n }")
}

// resumed releases the builds, applies again and fails the test unless that
// finishes the only import, without another POST and without a cancellation.
func (w *workspace) resumed() {
	w.t.Helper()
	tg := w.target
	tg.sandbox.ReleaseBuilds()
	w.apply(0)
	if got := tg.onlyImport(w.t); got.Status != sandbox.StatusFinished {
		w.t.Errorf("the import is %s, want Finished", got.Status)
	}
	w.expectKnown(true)
	w.expectPlan(0)
	tg.expectCount(w.t, sandbox.OpStage, 1)
	tg.expectCount(w.t, sandbox.OpCancel, 0)
}

// A Terraform that is killed while it waits has the import in the state. The next
// apply waits for it.
func TestAccCompletion_killed(t *testing.T) {
	t.Parallel()

	for reads := 1; reads <= 3; reads++ {
		t.Run(fmt.Sprintf("read %d", reads), func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			w := newWorkspace(t, tg, waitingImport())

			before := 0
			if version, err := commandVersion(); err != nil {
				t.Fatal(err)
			} else if strings.HasPrefix(version, "OpenTofu") {
				// OpenTofu 1.12 saves a local state as seldom as a remote one
				// (internal/backend/local/hook_state.go), so the guide applies twice.
				w.run(0, append(applying, "-target", "permissionassist_application_import.test")...)
				before = tg.sandbox.Count(sandbox.OpGetImport)
			}
			apply := w.start(applying...)
			if err := tg.sandbox.AwaitCount(t.Context(), sandbox.OpGetImport, before+reads); err != nil {
				t.Fatal(err)
			}
			apply.signal(syscall.SIGKILL)
			apply.end()

			w.expectKnown(true)
			w.resumed()
		})
	}
}

// After an interrupt, the import is in the state and not tainted, or was never
// staged. The next apply ends with one import.
func TestAccCompletion_interrupted(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		at     sandbox.Operation
		staged bool
		want   string
	}{
		"before the POST": {sandbox.OpListImports, false, "Staging was interrupted"},
		"during the POST": {sandbox.OpStage, true, "Interrupt received"},
		"while waiting":   {sandbox.OpGetImport, true, "Stopped waiting for the import"},
	} {
		for _, signal := range stopSignals {
			t.Run(name+", "+signal.String(), func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{})
				tg.sandbox.HoldBuilds()
				w := newWorkspace(t, tg, waitingImport())

				// The response comes a while after the signal, so that the request
				// is under way when Terraform stops the provider.
				tg.sandbox.Inject(sandbox.Fault{Operation: tc.at, Processed: true, Action: sandbox.Delay(time.Second)})

				output := w.interrupted(tc.at, 1, signal, applying...)
				expectText(t, output, tc.want)
				w.expectKnown(tc.staged)
				w.resumed()
			})
		}
	}
}

// However a wait fails, the import stays in the state, untouched and untainted,
// and the next apply goes on.
func TestAccCompletion_failsAndResumes(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		arguments string
		fault     sandbox.Fault
		want      string
	}{
		"timeout": {"timeouts {\n create = \"1s\"\n }", sandbox.Fault{}, "Import did not end in time"},
		"expired token": {
			"", sandbox.Fault{Action: sandbox.Envelope(401, "unauthorized", "Invalid or expired authentication token")}, "The token was refused",
		},
		"server down": {"timeouts {\n create = \"2s\"\n }", sandbox.Fault{Action: sandbox.CloseConnection()}, "The last error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()
			w := newWorkspace(t, tg, importResource(appID, "")+completionResource(tc.arguments))
			if name != "timeout" {
				tc.fault.Operation, tc.fault.Times = sandbox.OpGetImport, -1
				tg.sandbox.Inject(tc.fault)
			}

			expectText(t, w.apply(1), tc.want, "The next apply waits for this import again.")
			w.expectKnown(true)

			tg.sandbox.ClearFaults()
			w.write("main.tf", w.providers()+waitingImport())
			w.resumed()
		})
	}
}

// Many completions wait at the same time, and one that fails stops none of the
// others. The next apply says so again, and stages nothing unless it may.
func TestAccCompletion_forEach(t *testing.T) {
	t.Parallel()

	const failing = 3
	options, ids := sandbox.Options{}, []string{}
	for i := range 8 {
		id := fmt.Sprintf("3f2504e0-4f89-41d3-9a0c-%012x", i)
		ids = append(ids, fmt.Sprintf("%q", id))
		options.Applications = append(options.Applications, sandbox.Application{ID: id, Name: fmt.Sprint("App ", i), FailBuilds: i == failing})
	}
	config := func(restages bool) string {
		return fmt.Sprintf(`
resource "permissionassist_application_import" "test" {
  for_each           = toset([%s])
  application_id     = each.key
  restage_on_failure = %t
}
resource "permissionassist_application_import_completion" "test" {
  for_each  = permissionassist_application_import.test
  import_id = each.value.id
}
`, strings.Join(ids, ","), restages)
	}
	tg := newSandboxTarget(t, options)
	w := newWorkspace(t, tg, config(false))

	for range 2 {
		output := w.apply(1)
		expectText(t, output, "Error: Import has failed", "of App 3")
		expectErrors(t, output, 1)
		w.expectStaged(8)
	}

	tg.sandbox.UpdateApplication(fmt.Sprintf("3f2504e0-4f89-41d3-9a0c-%012x", failing), func(a *sandbox.Application) { a.FailBuilds = false })
	w.write("main.tf", w.providers()+config(true))
	expectText(t, w.apply(0), "of App 3 failed: this plan stages a new one")
	w.expectStaged(9)
	w.expectPlan(0)
	tg.expectCount(t, sandbox.OpCancel, 0)
}

// If an assumption of the plan turns out to be wrong, the apply ends with one
// error, and nothing was changed. The next apply replaces the import.
func TestAccPlan_wrongAssumption(t *testing.T) {
	t.Parallel()

	upstream := func(input, body string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"upstream\" {\n input = %q\n}\n", input) + body
	}
	for name, tc := range map[string]struct {
		body, before, after, want string
	}{
		"application": {
			importResource("${terraform_data.upstream.output}", ""), appID, fileAppID, "Error: Application differs from the plan",
		},
		"files": {
			importResource(fileAppID, filesArgument(usersID, "${terraform_data.upstream.output}")), "a.csv", "b.csv", "Error: Files differ from the plan",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newUploadTarget(t)
			tg.sandbox.UpdateApplication(fileAppID, func(a *sandbox.Application) { a.Problem = sandbox.NoProblem })
			w := newWorkspace(t, tg, upstream(tc.before, tc.body))
			w.write("a.csv", "a")
			w.write("b.csv", "b")
			w.apply(0)

			w.write("main.tf", w.providers()+upstream(tc.after, tc.body))
			output := w.apply(1)
			expectText(t, output, tc.want, "run terraform apply again")
			expectErrors(t, output, 1)
			w.expectKnown(true)
			w.expectStaged(1)

			w.apply(0)
			w.expectStaged(2)
			w.expectPlan(0)
		})
	}
}
