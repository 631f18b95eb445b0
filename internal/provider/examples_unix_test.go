//go:build unix

package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// exampleWorkspace has the files of a folder of examples, and a sandbox with
// the built-in applications.
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

// expectPlan fails the test unless a plan ends with that exit code: 0 for no
// changes, 2 for some.
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

// Each example that solves a problem does so: it is applied, has no changes
// then, does what it says when what it watches changes, and is destroyed.
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

// A gate that is not passed stops what comes after it.
func TestAccExamples_gateStops(t *testing.T) {
	t.Parallel()

	w := exampleWorkspace(t, "../../examples/deployment-gate")
	w.target.sandbox.UpdateApplication(w.target.sandbox.Applications()[0].ID, func(a *sandbox.Application) { a.FailBuilds = true })

	if output := w.apply(1); strings.Contains(output, "terraform_data.deployment: Creation complete") {
		t.Errorf("it was deployed:\n%s", output)
	}
}

// exampleFolders are the examples beside those that the docs are made from.
func exampleFolders(t *testing.T) []string {
	t.Helper()

	entries, err := os.ReadDir("../../examples")
	if err != nil {
		t.Fatal(err)
	}

	var names []string

	for _, e := range entries {
		switch e.Name() {
		case "provider", "resources", "data-sources", "functions", "actions", "list-resources":
		default:
			names = append(names, e.Name())
		}
	}

	return names
}

// importID is the import that the docs take over.
const importID = "0f8fad5b-d9cb-469f-a165-70867728950e"

// Every configuration in the docs and the README is valid, and what has a
// resource, a data source or an import can be planned. Nothing is staged by it.
func TestAccDocs_snippets(t *testing.T) {
	t.Parallel()

	var pages []string

	for _, pattern := range []string{"../../README.md", "../../docs/*.md", "../../docs/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}

		pages = append(pages, found...)
	}

	plannable := regexp.MustCompile(`(?m)^(resource|data|import) `)
	snippet := regexp.MustCompile("(?s)\n```(?:terraform|hcl)\n(.*?)\n```")
	server, url := sandboxtest.Start(t, sandbox.Options{
		Token: token, Applications: append(sandbox.SeedApplications(), sandbox.Application{ID: appID, Name: "Of the docs"}),
	})
	server.AddImport(sandbox.Import{ID: importID, ApplicationID: appID})
	server.AddImport(sandbox.Import{ApplicationID: server.Applications()[0].ID})

	w := newWorkspace(t, target{endpoint: url, token: token, sandbox: server}, "")
	w.env["TF_VAR_permissionassist_token"] = token
	w.write("users.csv", "user,permission\nalice,teller\n")

	validated, planned := 0, 0

	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}

		for i, match := range snippet.FindAllStringSubmatch(string(text), -1) {
			if why := skipSnippet(w, match[1]); why != "" {
				t.Logf("%s, snippet %d: not validated: %s", filepath.Base(page), i+1, why)

				continue
			}

			w.write("main.tf", strings.ReplaceAll(completed(match[1]), "https://permissionassist.example.com\"\n", url+"\"\n"))

			if code, output := w.start("validate", "-no-color").end(); code != 0 {
				t.Errorf("%s, snippet %d:\n%s\n%s", page, i+1, match[1], output)
			}

			validated++

			if !plannable.MatchString(match[1]) {
				continue
			}

			if code, output := w.start("plan", "-no-color", "-input=false").end(); code != 0 {
				t.Errorf("%s, snippet %d cannot be planned:\n%s\n%s", page, i+1, match[1], output)
			}

			planned++
		}
	}

	if validated < 10 || planned < 10 {
		t.Errorf("only %d snippets were validated and %d planned", validated, planned)
	}

	w.expectStaged(0)
}

// completed adds what a snippet leaves to the page around it.
func completed(snippet string) string {
	if !strings.Contains(snippet, "required_providers") {
		snippet += "\nterraform {\n  required_providers {\n    permissionassist = {\n      source = \"permissionassist/permissionassist\"\n    }\n  }\n}\n"
	}

	imported := regexp.MustCompile(`to\s*=\s*permissionassist_application_import\.(\w+)\n`).FindStringSubmatch(snippet)
	if len(imported) == 2 && !strings.Contains(snippet, `resource "permissionassist_application_import" "`+imported[1]) {
		snippet += "\nresource \"permissionassist_application_import\" \"" + imported[1] + "\" {\n  application_id = \"" + appID + "\"\n}\n"
	}

	return snippet
}

// skipSnippet tells why a snippet cannot be validated by the Terraform at hand.
func skipSnippet(w *workspace, snippet string) string {
	version := w.run(0, "version")
	openTofu := strings.Contains(version, "OpenTofu")
	old := regexp.MustCompile(`Terraform v1\.([0-9]|1[0-3])\.`).MatchString(version)

	switch {
	case regexp.MustCompile(`(?m)^list "`).MatchString(snippet):
		return "it is a query, not a configuration"
	case regexp.MustCompile(`(?m)^action "`).MatchString(snippet) && (openTofu || old):
		return "actions need Terraform 1.14"
	case strings.Contains(snippet, "ephemeral") && regexp.MustCompile(`Terraform v1\.[0-9]\.|OpenTofu v1\.([0-9]|10)\.`).MatchString(version):
		return "ephemeral values need Terraform 1.10 or OpenTofu 1.11"
	case strings.Contains(snippet, "identity = {") && (openTofu || regexp.MustCompile(`Terraform v1\.([0-9]|1[01])\.`).MatchString(version)):
		return "import by identity needs Terraform 1.12"
	default:
		return ""
	}
}
