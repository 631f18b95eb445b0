//go:build unix

package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// importID is the import that the docs adopt.
const importID = "0f8fad5b-d9cb-469f-a165-70867728950e"

// Every configuration in the docs and the README is valid. If it has a
// resource, a data source or an import, it can be planned, and the plan stages
// nothing. TestDocs_newerSnippets checks the snippets that need a newer
// Terraform or are for other providers.
func TestAccDocs_snippets(t *testing.T) {
	t.Parallel()

	plannable := regexp.MustCompile(`(?m)^(resource|data|import) `)
	server, url := sandboxtest.Start(t, sandbox.Options{
		Token: token, Applications: append(sandbox.SeedApplications(), sandbox.Application{ID: appID, Name: "Of the docs"}),
	})
	server.AddImport(sandbox.Import{ID: importID, ApplicationID: appID})
	server.AddImport(sandbox.Import{ApplicationID: server.Applications()[0].ID})

	w := newWorkspace(t, target{endpoint: url, token: token, sandbox: server}, "")
	w.env["TF_VAR_permissionassist_token"] = token
	w.write("users.csv", "user,permission\nalice,teller\n")

	version := w.run(0, "version")
	validated, planned := 0, 0

	for _, s := range docSnippets(t) {
		if why := s.leftOut(version); why != "" {
			t.Logf("%s: not validated: %s", s.name, why)

			continue
		}

		w.write("main.tf", strings.ReplaceAll(s.completed(), "https://permissionassist.example.com\"\n", url+"\"\n"))

		if code, output := w.start("validate", "-no-color").end(); code != 0 {
			t.Errorf("%s:\n%s\n%s", s.name, s.text, output)
		}

		validated++

		if !plannable.MatchString(s.text) {
			continue
		}

		if code, output := w.start("plan", "-no-color", "-input=false").end(); code != 0 {
			t.Errorf("%s cannot be planned:\n%s\n%s", s.name, s.text, output)
		}

		planned++
	}

	if validated < 10 || planned < 10 {
		t.Errorf("only %d snippets were validated and %d planned", validated, planned)
	}

	w.expectStaged(0)
}

// completed adds the declarations that a snippet omits.
func (s docSnippet) completed() string {
	snippet := s.text
	if !strings.Contains(snippet, "required_providers") {
		snippet += "\nterraform {\n  required_providers {\n    permissionassist = {\n      source = \"permissionassist/permissionassist\"\n    }\n  }\n}\n"
	}

	imported := regexp.MustCompile(`to\s*=\s*permissionassist_application_import\.(\w+)\n`).FindStringSubmatch(snippet)
	if len(imported) == 2 && !strings.Contains(snippet, `resource "permissionassist_application_import" "`+imported[1]) {
		snippet += "\nresource \"permissionassist_application_import\" \"" + imported[1] + "\" {\n  application_id = \"" + appID + "\"\n}\n"
	}

	return snippet
}

// leftOut returns the reason why this Terraform cannot validate a snippet.
func (s docSnippet) leftOut(version string) string {
	openTofu := strings.Contains(version, "OpenTofu")
	old := regexp.MustCompile(`Terraform v1\.([0-9]|1[0-3])\.`).MatchString(version)

	switch {
	case strings.Contains(s.text, `provider "restapi"`):
		return "the provider restapi is not here"
	case regexp.MustCompile(`(?m)^list "`).MatchString(s.text):
		return "it is a query, not a configuration"
	case regexp.MustCompile(`(?m)^action "`).MatchString(s.text) && (openTofu || old):
		return "actions need Terraform 1.14"
	case strings.Contains(s.text, "ephemeral") && regexp.MustCompile(`Terraform v1\.[0-9]\.|OpenTofu v1\.([0-9]|10)\.`).MatchString(version):
		return "ephemeral values need Terraform 1.10 or OpenTofu 1.11"
	case strings.Contains(s.text, "identity = {") && (openTofu || regexp.MustCompile(`Terraform v1\.([0-9]|1[01])\.`).MatchString(version)):
		return "import by identity needs Terraform 1.12"
	default:
		return ""
	}
}
