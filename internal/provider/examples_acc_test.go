package provider_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// exampleWorkspace returns a workspace with the files of an example, and a
// sandbox with the built-in applications.
func exampleWorkspace(t *testing.T, folder string) *workspace {
	t.Helper()
	w := newWorkspace(t, newSeedTarget(t, 100*time.Millisecond), "")
	w.copyFolder(folder)
	return w
}

// change replaces a text in an example.
func (w *workspace) change(from, to string) {
	w.t.Helper()
	before := w.read("main.tf")
	after := strings.ReplaceAll(before, from, to)
	if after == before {
		w.t.Fatalf("the example does not contain %s", from)
	}
	w.write("main.tf", after)
}

// copyFolder copies an example into the workspace.
func (w *workspace) copyFolder(from string) {
	w.t.Helper()
	// os.CopyFS does not replace files.
	w.remove("main.tf")
	if err := os.CopyFS(w.dir, os.DirFS(from)); err != nil {
		w.t.Fatal(err)
	}
}

// Each example works: it is applied, then has an empty plan, reacts as
// described to a change, and is destroyed.
func TestAccExamples(t *testing.T) {
	t.Parallel()

	examples := map[string]func(w *workspace){
		"critical-applications": (*workspace).tryCriticalApplications,
		"export-file": func(w *workspace) {
			w.apply(0)
			w.wantPlan(0)
			w.write("export.csv", "user,permission\ncarol,teller\n")
			w.apply(0)
			w.wantStaged(2)
		},
		"get-started":      (*workspace).tryOneImport,
		"freshness-checks": (*workspace).tryFreshnessChecks,
		"nightly-refresh": func(w *workspace) {
			server := w.target.sandbox
			w.apply(0, "-target", resourceType+".nightly") // as in the guide about CI
			w.apply(0)
			w.wantStaged(2)

			// The next night, an import fails, and so does the run.
			failing := server.Applications()[1].ID
			server.UpdateApplication(failing, func(a *sandbox.Application) { a.FailBuilds = true })
			w.change(`max_age = "20h"`, `max_age = "1ms"`)
			wantContains(w.t, w.apply(1), "Error: Import has failed", "of Fiserv DNA")
			w.wantStaged(4)

			server.UpdateApplication(failing, func(a *sandbox.Application) { a.FailBuilds = false })
			w.change(`max_age = "1ms"`, `max_age = "20h"`)
			wantContains(w.t, w.apply(0), "of Fiserv DNA failed: this plan stages a new one")
			w.wantStaged(5)

			// A renamed application does not stop the imports of the others.
			server.UpdateApplication(server.Applications()[0].ID, func(a *sandbox.Application) { a.Name = "Silverlake" })
			w.change(`max_age = "20h"`, `max_age = "1ms"`)
			wantContains(w.t, w.apply(0), "Check block assertion failed", "no application has this name: Jack Henry Silverlake.")
			w.wantStaged(6)
		},
		"deployment-gate": (*workspace).tryDeploymentGate,
		"adopt-running": func(w *workspace) {
			w.target.sandbox.HoldBuilds()

			for _, app := range w.target.sandbox.Applications()[:2] {
				w.target.sandbox.AddImport(sandbox.Import{ApplicationID: app.ID, Status: sandbox.StatusPending})
			}

			w.wantPlan(2)
			// adopt applies, and lets the imports end while it waits for them.
			adopt := func() string {
				apply := w.start("apply")
				apply.awaitOutput("Creating...")
				w.target.sandbox.ReleaseBuilds()
				code, output := apply.end()
				if code != 0 {
					w.t.Errorf("exit code %d:\n%s", code, output)
				}
				return output
			}
			wantContains(w.t, adopt(), "of Fiserv DNA", "of Jack Henry Silverlake")

			// A newer import of one of these applications is adopted as well. It is
			// not mistaken for the one in the state.
			w.target.sandbox.HoldBuilds()
			newer := w.target.sandbox.AddImport(sandbox.Import{
				ApplicationID: w.target.sandbox.Applications()[0].ID, Status: sandbox.StatusPending,
			})
			wantContains(w.t, w.run(0, "plan"), "1 to import, 1 to add, 1 to change, 4 to destroy")
			wantContains(w.t, adopt(), fmt.Sprintf("%q = \"#%d of Jack Henry Silverlake\"", newer.ID, newer.Number))
			w.target.wantRequests(w.t, requests{sandbox.OpCancel: 0})
			w.wantStaged(0)
		},
		"removed-access": func(w *workspace) {
			needs(w.t, 16, never) // actions on destroy
			server := w.target.sandbox
			server.HoldBuilds()
			w.apply(0, "-parallelism=1")
			w.wantStaged(1)
			wantContains(w.t, w.apply(0, `-var=tellers=["alice"]`), "Nothing was staged: joined #1")
			server.ReleaseBuilds()

			// If nothing can be staged, access is removed all the same.
			server.UpdateApplication(server.Applications()[0].ID, func(a *sandbox.Application) { a.Problem = sandbox.NoSchedule })
			wantContains(w.t, w.apply(0, `-var=tellers=[]`), "Import was not staged", "1 destroyed")
		},
		"bound-upload": func(w *workspace) {
			w.apply(0)
			w.wantPlan(0)
			w.write("users.csv", "user,permission\ncarol,teller\n")
			w.plan()
			w.write("users.csv", "user,permission\nmallory,administrator\n")
			// Terraform 1.11: Provider produced inconsistent final plan. Newer: function
			// returned an inconsistent result.
			wantContains(w.t, w.applyPlan(1), "inconsistent", "users")
			w.wantStaged(1)
			w.apply(0)
			w.wantStaged(2)
		},
		"access-request-gate": (*workspace).tryAccessRequestGate,
		"active-owners":       (*workspace).tryActiveOwners,
		"leavers":             (*workspace).tryLeavers,
		"upload":              (*workspace).tryOneImport,
	}

	for _, name := range append(exampleFolders(t), slices.Collect(maps.Keys(examples))...) {
		if examples[name] == nil {
			t.Errorf("the example %s is not tested", name)
		}
	}

	for name, try := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := exampleWorkspace(t, "../../examples/"+name)
			try(w)
			w.run(0, "destroy")
		})
	}
}

// tryOneImport applies an example that stages one import.
func (w *workspace) tryOneImport() {
	w.apply(0)
	w.wantPlan(0)
	w.wantStaged(1)
}

// Each release stages new imports. With create_before_destroy, a replacement
// that cannot be staged does not cancel the unfinished imports.
func (w *workspace) tryCriticalApplications() {
	w.apply(0)
	w.wantStaged(2)
	w.wantPlan(0)
	w.apply(0, "-var=release=2026.12")
	w.wantStaged(4)

	server := w.target.sandbox
	server.HoldBuilds()
	const target, release = resourceType + ".important", "-var=release=2026.12"
	w.apply(0, "-target", target)

	setProblem := func(problem sandbox.Problem) {
		for _, app := range server.Applications() {
			server.UpdateApplication(app.ID, func(a *sandbox.Application) { a.Problem = problem })
		}
	}
	setProblem(sandbox.NoSchedule)
	wantContains(w.t, w.apply(1, "-target", target, release), "Import was not staged")
	w.target.wantRequests(w.t, requests{sandbox.OpCancel: 0})

	setProblem(sandbox.NoProblem)
	w.apply(0, "-target", target, release)
	w.target.wantRequests(w.t, requests{sandbox.OpCancel: 2})
}

// A deployment gate that fails or is interrupted stops the deployment, and the
// next apply deploys.
func (w *workspace) tryDeploymentGate() {
	server, id := w.target.sandbox, w.target.sandbox.Applications()[0].ID
	const deployed, deployedAgain = "terraform_data.deployment: Creation complete", "terraform_data.deployment: Modifications complete"

	server.UpdateApplication(id, func(a *sandbox.Application) { a.FailBuilds = true })
	wantNotContains(w.t, w.apply(1), deployed)
	server.UpdateApplication(id, func(a *sandbox.Application) { a.FailBuilds = false })
	wantContains(w.t, w.apply(0), deployed)

	server.HoldBuilds()
	server.ResetRequests()
	w.change("2026.11", "2026.12")
	// The plan reads the old import once; the next read is that of the wait.
	wantNotContains(w.t, w.interrupted(sandbox.OpGetImport, 2, syscall.SIGINT, "apply"), "terraform_data.deployment: Mod")
	server.ReleaseBuilds()
	wantContains(w.t, w.apply(0), deployedAgain)
	w.wantStaged(1)
	w.wantPlan(0)
}

// The ages are compared in the server's time zone. A stale import of one
// application is a warning, of the other it stops the deployment.
func (w *workspace) tryFreshnessChecks() {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		w.t.Fatal(err)
	}
	server := w.target.sandbox
	server.SetDialect(sandbox.Dialect{TimesWithoutZone: true})
	w.change(`"UTC"`, `"America/New_York"`)

	// The ages are so close to a day that the wrong time zone is noticed.
	finished := func(app int, age time.Duration) {
		at := time.Now().Add(-age)
		_, offset := at.In(newYork).Zone()
		at = at.Add(time.Duration(offset) * time.Second)
		server.AddImport(sandbox.Import{ApplicationID: server.Applications()[app].ID, BuildStart: &at, BuildEnd: &at})
	}
	finished(0, 23*time.Hour)
	finished(1, 23*time.Hour)
	wantNotContains(w.t, w.apply(0), "Check block assertion failed")
	w.wantPlan(0)

	finished(1, 25*time.Hour)
	wantContains(w.t, w.apply(0), "Check block assertion failed", "Fiserv DNA.")
	finished(0, 25*time.Hour)
	wantContains(w.t, w.apply(1), "Nothing is deployed.", "Jack Henry Silverlake.")
	finished(0, time.Hour)
	w.wantStaged(0)
}

// exampleFolders returns the examples that can be applied: without those of the
// reference pages, the module for terraform test, and the pipelines.
func exampleFolders(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("../../examples")
	if err != nil {
		t.Fatal(err)
	}

	var names []string
	for _, e := range entries {
		switch e.Name() {
		case "provider", "resources", "data-sources", "ephemeral-resources", "functions", "actions", "list-resources", "test-modules",
			"policies", "modules", "ci":
		default:
			names = append(names, e.Name())
		}
	}
	return names
}
