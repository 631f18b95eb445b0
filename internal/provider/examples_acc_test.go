package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/docstest"
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

// change replaces a text in an example.
func (w *workspace) change(from, to string) {
	w.t.Helper()
	before, err := os.ReadFile(filepath.Join(w.dir, "main.tf"))
	if err != nil {
		w.t.Fatal(err)
	}

	after := strings.ReplaceAll(string(before), from, to)
	if after == string(before) {
		w.t.Fatalf("the example does not contain %s", from)
	}
	w.write("main.tf", after)
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
			w.run(0, append(applying, "-var=release=2026.12")...)
			w.expectStaged(4)
		},
		"export-file": func(w *workspace) {
			w.apply(0)
			w.expectPlan(0)
			w.write("export.csv", "user,permission\ncarol,teller\n")
			w.apply(0)
			w.expectStaged(2)
		},
		"get-started": func(w *workspace) {
			w.apply(0)
			w.expectPlan(0)
			w.expectStaged(1)
		},
		"freshness-checks": func(w *workspace) {
			for _, app := range w.target.sandbox.Applications()[:2] {
				w.target.sandbox.AddImport(sandbox.Import{ApplicationID: app.ID})
			}

			if output := w.apply(0); strings.Contains(output, "Warning: Check block") {
				t.Errorf("fresh imports are stale:\n%s", output)
			}
			w.expectPlan(0)
			w.expectStaged(0)
		},
		"nightly-refresh": func(w *workspace) {
			server := w.target.sandbox
			w.run(0, append(applying, "-target", resourceType+".nightly")...) // as in the guide about CI
			w.apply(0)
			w.expectStaged(2)

			// The next night, an import fails, and so does the run.
			failing := server.Applications()[1].ID
			server.UpdateApplication(failing, func(a *sandbox.Application) { a.FailBuilds = true })
			w.change(`max_age = "20h"`, `max_age = "1ms"`)
			expectText(w.t, w.apply(1), "Error: Import has failed", "of Fiserv DNA")
			w.expectStaged(4)

			server.UpdateApplication(failing, func(a *sandbox.Application) { a.FailBuilds = false })
			w.change(`max_age = "1ms"`, `max_age = "20h"`)
			expectText(w.t, w.apply(0), "of Fiserv DNA failed: this plan stages a new one")
			w.expectStaged(5)

			// A renamed application does not stop the imports of the others.
			server.UpdateApplication(server.Applications()[0].ID, func(a *sandbox.Application) { a.Name = "Silverlake" })
			w.change(`max_age = "20h"`, `max_age = "1ms"`)
			expectText(w.t, w.apply(0), "Check block assertion failed", "no application has this name: Jack Henry Silverlake.")
			w.expectStaged(6)
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
			// adopt applies, and lets the imports end while it waits for them.
			adopt := func() string {
				apply := w.start(applying...)
				apply.awaitOutput("Creating...")
				w.target.sandbox.ReleaseBuilds()
				code, output := apply.end()
				if code != 0 {
					w.t.Errorf("exit code %d:\n%s", code, output)
				}
				return output
			}
			expectText(w.t, adopt(), "of Fiserv DNA", "of Jack Henry Silverlake")

			// A newer import of one of these applications is adopted as well. It is
			// not mistaken for the one in the state.
			w.target.sandbox.HoldBuilds()
			newer := w.target.sandbox.AddImport(sandbox.Import{
				ApplicationID: w.target.sandbox.Applications()[0].ID, Status: sandbox.StatusPending,
			})
			expectText(w.t, w.run(0, "plan", "-no-color", "-input=false"), "1 to import, 1 to add, 1 to change, 4 to destroy")
			expectText(w.t, adopt(), fmt.Sprintf("%q = \"#%d of Jack Henry Silverlake\"", newer.ID, newer.Number))
			w.target.expectCount(w.t, sandbox.OpCancel, 0)
			w.expectStaged(0)
		},
		"removed-access": func(w *workspace) {
			if v := w.version(); v.openTofu || v.minor < 16 {
				w.t.Skip("actions on destroy need Terraform 1.16")
			}
			server := w.target.sandbox
			server.HoldBuilds()
			w.run(0, append(applying, "-parallelism=1")...)
			w.expectStaged(1)
			expectText(w.t, w.run(0, append(applying, `-var=tellers=["alice"]`)...), "Nothing was staged: joined #1")
			server.ReleaseBuilds()

			// If nothing can be staged, access is removed all the same.
			server.UpdateApplication(server.Applications()[0].ID, func(a *sandbox.Application) { a.Problem = sandbox.NoSchedule })
			expectText(w.t, w.run(0, append(applying, `-var=tellers=[]`)...), "Import was not staged", "1 destroyed")
		},
		"bound-upload": func(w *workspace) {
			w.apply(0)
			w.expectPlan(0)
			w.write("users.csv", "user,permission\ncarol,teller\n")
			w.run(0, "plan", "-no-color", "-input=false", "-out", "plan.tfplan")
			w.write("users.csv", "user,permission\nmallory,administrator\n")
			// Terraform 1.11: Provider produced inconsistent final plan. Newer: function
			// returned an inconsistent result.
			expectText(w.t, w.run(1, "apply", "-no-color", "plan.tfplan"), "inconsistent", "users")
			w.expectStaged(1)
			w.apply(0)
			w.expectStaged(2)
		},
		"access-request-gate": (*workspace).tryAccessRequestGate,
		"active-owners":       (*workspace).tryActiveOwners,
		"leavers":             (*workspace).tryLeavers,
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

// A deployment gate that fails or is interrupted stops the deployment, and the
// next apply deploys.
func TestAccExamples_gate(t *testing.T) {
	t.Parallel()

	w := exampleWorkspace(t, "../../examples/deployment-gate")
	server, id := w.target.sandbox, w.target.sandbox.Applications()[0].ID
	const deployed, deployedAgain = "terraform_data.deployment: Creation complete", "terraform_data.deployment: Modifications complete"

	server.UpdateApplication(id, func(a *sandbox.Application) { a.FailBuilds = true })
	expectNone(t, w.apply(1), deployed)
	server.UpdateApplication(id, func(a *sandbox.Application) { a.FailBuilds = false })
	expectText(t, w.apply(0), deployed)

	server.HoldBuilds()
	server.ResetRequests()
	w.change("2026.11", "2026.12")
	// The plan reads the old import once; the next read is that of the wait.
	expectNone(t, w.interrupted(sandbox.OpGetImport, 2, syscall.SIGINT, applying...), "terraform_data.deployment: Mod")
	server.ReleaseBuilds()
	expectText(t, w.apply(0), deployedAgain)
	w.expectStaged(1)
	w.expectPlan(0)
}

// With create_before_destroy, a replacement that cannot be staged does not cancel
// the import.
func TestAccExamples_createBeforeDestroy(t *testing.T) {
	t.Parallel()

	w := exampleWorkspace(t, "../../examples/critical-applications")
	server := w.target.sandbox
	server.HoldBuilds()
	staging := append(slices.Clone(applying), "-target", resourceType+".important")
	w.run(0, staging...)

	for _, app := range server.Applications() {
		server.UpdateApplication(app.ID, func(a *sandbox.Application) { a.Problem = sandbox.NoSchedule })
	}
	expectText(t, w.run(1, append(staging, "-var=release=2026.12")...), "Import was not staged")
	w.target.expectCount(t, sandbox.OpCancel, 0)

	for _, app := range server.Applications() {
		server.UpdateApplication(app.ID, func(a *sandbox.Application) { a.Problem = sandbox.NoProblem })
	}
	w.run(0, append(staging, "-var=release=2026.12")...)
	w.target.expectCount(t, sandbox.OpCancel, 2)
}

// The example of freshness checks compares ages in the server's time zone. A
// stale import of one application is a warning, of the other it stops the
// deployment.
func TestAccExamples_freshness(t *testing.T) {
	t.Parallel()

	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}

	// The ages are so close to a day that the wrong time zone is noticed.
	stale, fresh := time.Now().Add(-25*time.Hour), time.Now().Add(-23*time.Hour)
	// clock returns the time that a clock in New York shows, as the sandbox writes it.
	clock := func(at time.Time) *time.Time {
		_, offset := at.In(newYork).Zone()
		at = at.Add(time.Duration(offset) * time.Second)
		return &at
	}

	now := func(withoutZone bool) *time.Time {
		at := time.Now()
		if withoutZone {
			return clock(at)
		}
		return &at
	}

	for name, c := range map[string]struct {
		withoutZone bool
		end         *time.Time
		stale       bool
	}{
		"null":                {end: nil, stale: true},
		"with a zone, stale":  {end: &stale, stale: true},
		"with a zone, fresh":  {end: &fresh},
		"without zone, stale": {withoutZone: true, end: clock(stale), stale: true},
		"without zone, fresh": {withoutZone: true, end: clock(fresh)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := exampleWorkspace(t, "../../examples/freshness-checks")
			w.change(`"UTC"`, `"America/New_York"`)
			w.target.sandbox.SetDialect(sandbox.Dialect{TimesWithoutZone: c.withoutZone})
			deployed, other := w.target.sandbox.Applications()[0].ID, w.target.sandbox.Applications()[1].ID
			start := time.Now().Add(-48 * time.Hour)
			w.target.sandbox.AddImport(sandbox.Import{ApplicationID: deployed, BuildStart: &start, BuildEnd: now(c.withoutZone)})
			w.target.sandbox.AddImport(sandbox.Import{ApplicationID: other, BuildStart: &start, BuildEnd: c.end})

			output := w.apply(0)
			if warns := text("Check block assertion failed").MatchString(output); warns != c.stale {
				t.Errorf("it warns: %t, want %t:\n%s", warns, c.stale, output)
			}
			if !c.stale {
				return
			}
			expectText(t, output, "No successful import within a day: Fiserv DNA.")

			w = exampleWorkspace(t, "../../examples/freshness-checks")
			w.change(`"UTC"`, `"America/New_York"`)
			w.target.sandbox.SetDialect(sandbox.Dialect{TimesWithoutZone: c.withoutZone})
			w.target.sandbox.AddImport(sandbox.Import{ApplicationID: deployed, BuildStart: &start, BuildEnd: c.end})
			w.target.sandbox.AddImport(sandbox.Import{ApplicationID: other, BuildStart: &start, BuildEnd: now(c.withoutZone)})
			output = w.apply(1)
			expectText(t, output, "Nothing is deployed.", "No successful import within a day: Jack Henry Silverlake.")
		})
	}
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

// The example's tests pass without a server and a token. Its mock values also
// work with the README's configuration, and do the rest of what the guide says
// that Terraform can do and OpenTofu cannot.
func TestAccExamples_testModules(t *testing.T) {
	t.Parallel()

	const file = "tests/finished.tftest.hcl"
	raw, err := os.ReadFile("../../examples/test-modules/" + file)
	if err != nil {
		t.Fatal(err)
	}
	test := string(raw)
	mock := regexp.MustCompile(`(?s)mock_provider "permissionassist" \{\n(.*?\n)\}\n`).FindStringSubmatch(test)
	if mock == nil {
		t.Fatalf("%s has no mock_provider", file)
	}

	t.Run("example", func(t *testing.T) {
		t.Parallel()

		w, _ := newModuleWorkspace(t)
		w.copyFolder("../../examples/test-modules")
		w.run(0, "test", "-no-color", "-filter", file)
	})

	t.Run("expected failure", func(t *testing.T) {
		t.Parallel()

		w, version := newModuleWorkspace(t)
		w.copyFolder("../../examples/test-modules")
		code, output := w.start("test", "-no-color", "-filter", "tests/warnings.tftest.hcl").end()
		switch {
		case version.openTofu:
			// OpenTofu reports a failure during an apply, although it is expected.
			expectText(t, output, "Resource postcondition failed", "Import #1001 has warnings.")
		case code != 0:
			t.Error(output)
		}
	})

	t.Run("README", func(t *testing.T) {
		t.Parallel()

		w, _ := newModuleWorkspace(t)
		for _, s := range docstest.Snippets(t, "../..") {
			if s.Page == "README.md" {
				w.write("main.tf", s.Text)
			}
		}
		w.write("readme.tftest.hcl", mock[0]+`
run "readme" {
  assert {
    condition     = permissionassist_application_import_completion.core.status == "Finished"
    error_message = "The mock is not used."
  }
}
`)
		w.run(0, "test", "-no-color")
	})

	t.Run("list of IDs", func(t *testing.T) {
		t.Parallel()

		w, _ := newModuleWorkspace(t)
		w.write("main.tf", w.providers()+`
data "permissionassist_applications" "all" {}

resource "permissionassist_application_import" "each" {
  for_each = toset(data.permissionassist_applications.all.ids)

  application_id = each.key
}
`)
		w.write("list.tftest.hcl", mock[0]+`
run "stages_an_import_for_each_application" {
  command = plan

  assert {
    condition     = length(permissionassist_application_import.each) == 1
    error_message = "The list is empty."
  }
}
`)
		w.run(0, "test", "-no-color")
	})

	// Terraform shares mock values in a file; OpenTofu has no such files.
	t.Run("mock file", func(t *testing.T) {
		t.Parallel()

		w, version := newModuleWorkspace(t)
		w.copyFolder("../../examples/test-modules")
		if err := os.Mkdir(filepath.Join(w.dir, "tests", "mocks"), 0o700); err != nil {
			t.Fatal(err)
		}
		w.write("tests/mocks/permissionassist.tfmock.hcl", mock[1])
		w.write(file, strings.Replace(test, mock[1], "  source = \"./tests/mocks\"\n", 1))
		code, output := w.start("test", "-no-color", "-filter", file).end()
		switch {
		case version.openTofu:
			expectText(t, output, "Unsupported argument")
		case code != 0:
			t.Error(output)
		}
	})

	// With override_during, values are known in the plan (Terraform 1.11).
	t.Run("override_during", func(t *testing.T) {
		t.Parallel()

		w, version := newModuleWorkspace(t)
		w.copyFolder("../../examples/test-modules")
		known := strings.NewReplacer(mock[1], "  override_during = plan\n\n"+mock[1],
			"command = plan\n", "command = plan\n\n  assert {\n    condition     = permissionassist_application_import.core.number == 1001\n"+
				"    error_message = \"unknown\"\n  }\n").Replace(test)
		w.write(file, known)
		code, output := w.start("test", "-no-color", "-filter", file).end()
		switch {
		case version.openTofu || version.minor < 11:
			expectText(t, output, "Unsupported argument")
		case code != 0:
			t.Error(output)
		}
	})
}

// newModuleWorkspace returns a workspace without a server and a token, and the
// version of the tool.
func newModuleWorkspace(t *testing.T) (*workspace, toolVersion) {
	t.Helper()
	w := newWorkspace(t, target{}, "")
	version := w.version()
	return w, version
}

// toolVersion is the version of Terraform or OpenTofu: minor is the 11 of 1.11.4.
type toolVersion struct {
	openTofu bool
	minor    int
}

func (w *workspace) version() toolVersion {
	w.t.Helper()
	output := w.run(0, "version")
	number := regexp.MustCompile(`v1\.(\d+)\.`).FindStringSubmatch(output)
	if number == nil {
		w.t.Fatalf("no version in %s", output)
	}
	minor, err := strconv.Atoi(number[1])
	if err != nil {
		w.t.Fatal(err)
	}
	return toolVersion{strings.Contains(output, "OpenTofu"), minor}
}

// copyFolder copies an example into the workspace.
func (w *workspace) copyFolder(from string) {
	w.t.Helper()
	// os.CopyFS does not replace files.
	w.removeFile("main.tf")
	if err := os.CopyFS(w.dir, os.DirFS(from)); err != nil {
		w.t.Fatal(err)
	}
}
