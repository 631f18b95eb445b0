//go:build unix

package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// exampleWorkspace returns a workspace with the files of an example, and a
// sandbox with the built-in applications.
func exampleWorkspace(t *testing.T, folder string) *workspace {
	t.Helper()

	server, url := sandboxtest.Start(t, sandbox.Options{
		Token: token, Applications: sandbox.SeedApplications(), BuildTime: 100 * time.Millisecond,
	})
	w := newWorkspace(t, target{endpoint: url, token: token, sandbox: server}, "")

	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}

	for _, f := range files {
		content, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}

		w.write(f.Name(), string(content))
	}

	return w
}

// expectPlan fails the test unless a plan ends with the exit code: 0 for no
// changes, 2 for changes.
func (w *workspace) expectPlan(code int) {
	w.t.Helper()
	w.run(code, "plan", "-no-color", "-input=false", "-detailed-exitcode")
}

func (w *workspace) expectStaged(n int) {
	w.t.Helper()

	if got := w.target.sandbox.Count(sandbox.OpStage) + w.target.sandbox.Count(sandbox.OpUpload); got != n {
		w.t.Errorf("%d imports were staged, want %d", got, n)
	}
}

// Each example works: it is applied, then has an empty plan, reacts as
// described to a change, and is destroyed.
func TestAccExamples(t *testing.T) {
	t.Parallel()

	examples := map[string]func(w *workspace){
		"critical-applications": func(w *workspace) {
			w.apply(0)
			w.expectStaged(2)
			w.expectPlan(0)
			w.run(0, "apply", "-auto-approve", "-no-color", "-var=release=2026.12")
			w.expectStaged(4)
		},
		"export-file": func(w *workspace) {
			w.apply(0)
			w.expectPlan(0)
			w.write("export.csv", "user,permission\ncarol,teller\n")
			w.apply(0)
			w.expectStaged(2)
		},
		"nightly-refresh": func(w *workspace) {
			w.apply(0)
			w.apply(0)
			w.expectStaged(2)
		},
		"deployment-gate": func(w *workspace) {
			w.apply(0)
			w.expectStaged(1)
			w.expectPlan(0)
		},
		"adopt-running": func(w *workspace) {
			w.target.sandbox.HoldBuilds()

			for _, app := range w.target.sandbox.Applications()[:2] {
				w.target.sandbox.AddImport(sandbox.Import{ApplicationID: app.ID, Status: sandbox.StatusPending})
			}

			w.expectPlan(2)
			w.target.sandbox.ReleaseBuilds()
			w.apply(0)
			w.expectStaged(0)
		},
		"upload": func(w *workspace) {
			w.apply(0)
			w.expectPlan(0)
			w.expectStaged(1)
		},
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
			w.run(0, "destroy", "-auto-approve", "-no-color")
		})
	}
}

// A deployment gate that fails stops the deployment.
func TestAccExamples_gateStops(t *testing.T) {
	t.Parallel()

	w := exampleWorkspace(t, "../../examples/deployment-gate")
	w.target.sandbox.UpdateApplication(w.target.sandbox.Applications()[0].ID, func(a *sandbox.Application) { a.FailBuilds = true })

	if output := w.apply(1); strings.Contains(output, "terraform_data.deployment: Creation complete") {
		t.Errorf("it was deployed:\n%s", output)
	}
}

// exampleFolders returns the examples that can be applied: without those of the
// reference pages and without the module for terraform test.
func exampleFolders(t *testing.T) []string {
	t.Helper()

	entries, err := os.ReadDir("../../examples")
	if err != nil {
		t.Fatal(err)
	}

	var names []string

	for _, e := range entries {
		switch e.Name() {
		case "provider", "resources", "data-sources", "functions", "actions", "list-resources", "test-modules":
		default:
			names = append(names, e.Name())
		}
	}

	return names
}
