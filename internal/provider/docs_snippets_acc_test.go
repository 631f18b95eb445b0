package provider_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/docstest"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// Every configuration in the docs and the README, and every example that is a
// single file, is valid. If it has a resource, a data source or an import, it
// can be planned, and the plan stages nothing. internal/docstest also checks
// the snippets that need a newer Terraform.
func TestAccDocs_snippets(t *testing.T) {
	t.Parallel()

	plannable := regexp.MustCompile(`(?m)^(resource|data|import) `)
	query := regexp.MustCompile(`(?m)^list "`)
	tg := newSeedTarget(t, time.Second)
	tg.sandbox.AddApplication(sandbox.Application{ID: appID, Name: "Of the docs"})
	// The docs adopt this import.
	tg.sandbox.AddImport(sandbox.Import{ID: importedID, Number: 1001, ApplicationID: appID})
	tg.sandbox.SeedPeople()
	for _, app := range tg.sandbox.Applications()[:2] {
		tg.sandbox.AddImport(sandbox.Import{ApplicationID: app.ID})
	}
	w := newWorkspace(t, tg, "")
	w.env["TF_VAR_permissionassist_token"] = token
	w.write("users.csv", "user,permission\nalice,teller\n")

	validated, planned := 0, 0
	for _, s := range docstest.Snippets(t, "../..") {
		if why := leftOut(s.Text, theTool(t)); why != "" {
			t.Logf("%s: not validated: %s", s.Name, why)
			continue
		}

		validate := []string{"validate"}
		if query.MatchString(s.Text) {
			w.write("main.tf", withDeclarations(""))
			w.write("main.tfquery.hcl", s.Text)
			validate = append(validate, "-query")
		} else {
			w.write("main.tf", strings.ReplaceAll(withDeclarations(s.Text), "https://permissionassist.example.com\"\n", tg.endpoint+"\"\n"))
			w.write("main.tfquery.hcl", "")
		}
		if code, output := w.start(validate...).end(); code != 0 {
			t.Errorf("%s:\n%s\n%s", s.Name, s.Text, output)
		}
		validated++
		if !plannable.MatchString(s.Text) {
			continue
		}
		if code, output := w.start("plan").end(); code != 0 {
			t.Errorf("%s cannot be planned:\n%s\n%s", s.Name, s.Text, output)
		}
		planned++
	}
	if validated < 10 || planned < 10 {
		t.Errorf("only %d snippets were validated and %d planned", validated, planned)
	}
	w.wantStaged(0)
}

// withDeclarations adds the declarations that a snippet omits.
func withDeclarations(snippet string) string {
	if !strings.Contains(snippet, "required_providers") {
		snippet += "\n" + requiredProviders
	}
	imported := regexp.MustCompile(`to\s*=\s*permissionassist_application_import\.(\w+)\n`).FindStringSubmatch(snippet)
	if len(imported) == 2 && !strings.Contains(snippet, `resource "permissionassist_application_import" "`+imported[1]) {
		snippet += block("resource", resourceType, imported[1], `application_id = "`+appID+`"`)
	}
	return snippet
}

// leftOut returns the reason why this tool cannot validate a snippet.
func leftOut(snippet string, v tool) string {
	switch {
	case strings.Contains(snippet, `provider "restapi"`):
		return "the provider restapi is not here"
	case regexp.MustCompile(`(?m)^(action|list) "`).MatchString(snippet) && !v.has(14, never):
		return "actions and queries need Terraform 1.14"
	case strings.Contains(snippet, "ephemeral") && !v.has(10, 11):
		return "ephemeral values need Terraform 1.10 or OpenTofu 1.11"
	case strings.Contains(snippet, "identity = {") && !v.has(12, 12):
		return "import by identity needs Terraform or OpenTofu 1.12"
	case strings.Contains(snippet, "after_destroy") && !v.has(16, never):
		return "actions on destroy need Terraform 1.16"
	default:
		return ""
	}
}
