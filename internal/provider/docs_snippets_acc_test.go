package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/docstest"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// importID and importNumber are of the import that the docs adopt.
const (
	importID     = "0f8fad5b-d9cb-469f-a165-70867728950e"
	importNumber = 1001
)

// Every configuration in the docs and the README, and every example that is a
// single file, is valid. If it has a resource, a data source or an import, it
// can be planned, and the plan stages nothing. internal/docstest also checks
// the snippets that need a newer Terraform.
func TestAccDocs_snippets(t *testing.T) {
	t.Parallel()

	plannable := regexp.MustCompile(`(?m)^(resource|data|import) `)
	query := regexp.MustCompile(`(?m)^list "`)
	server, url := sandboxtest.Start(t, sandbox.Options{
		Token: token, Applications: append(sandbox.SeedApplications(), sandbox.Application{ID: appID, Name: "Of the docs"}),
	})
	server.AddImport(sandbox.Import{ID: importID, Number: importNumber, ApplicationID: appID})
	server.SeedPeople()
	for _, app := range server.Applications()[:2] {
		server.AddImport(sandbox.Import{ApplicationID: app.ID})
	}

	w := newWorkspace(t, target{endpoint: url, token: token, sandbox: server}, "")
	w.env["TF_VAR_permissionassist_token"] = token
	w.write("users.csv", "user,permission\nalice,teller\n")

	version := w.run(0, "version")
	validated, planned := 0, 0

	for _, s := range docstest.Snippets(t, "../..") {
		if why := leftOut(s.Text, version); why != "" {
			t.Logf("%s: not validated: %s", s.Name, why)

			continue
		}

		validate := []string{"validate", "-no-color"}
		if query.MatchString(s.Text) {
			w.write("main.tf", completed(""))
			w.write("main.tfquery.hcl", s.Text)
			validate = append(validate, "-query")
		} else {
			w.write("main.tf", strings.ReplaceAll(completed(s.Text), "https://permissionassist.example.com\"\n", url+"\"\n"))
			w.write("main.tfquery.hcl", "")
		}

		if code, output := w.start(validate...).end(); code != 0 {
			t.Errorf("%s:\n%s\n%s", s.Name, s.Text, output)
		}

		validated++

		if !plannable.MatchString(s.Text) {
			continue
		}

		if code, output := w.start("plan", "-no-color", "-input=false").end(); code != 0 {
			t.Errorf("%s cannot be planned:\n%s\n%s", s.Name, s.Text, output)
		}

		planned++
	}

	if validated < 10 || planned < 10 {
		t.Errorf("only %d snippets were validated and %d planned", validated, planned)
	}

	w.expectStaged(0)
}

// completed adds the declarations that a snippet omits.
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

// leftOut returns the reason why this Terraform cannot validate a snippet.
func leftOut(snippet, version string) string {
	openTofu := strings.Contains(version, "OpenTofu")
	old := regexp.MustCompile(`Terraform v1\.([0-9]|1[0-3])\.`).MatchString(version)

	switch {
	case strings.Contains(snippet, `provider "restapi"`):
		return "the provider restapi is not here"
	case regexp.MustCompile(`(?m)^(action|list) "`).MatchString(snippet) && (openTofu || old):
		return "actions and queries need Terraform 1.14"
	case strings.Contains(snippet, "ephemeral") && regexp.MustCompile(`Terraform v1\.[0-9]\.|OpenTofu v1\.([0-9]|10)\.`).MatchString(version):
		return "ephemeral values need Terraform 1.10 or OpenTofu 1.11"
	case strings.Contains(snippet, "identity = {") && regexp.MustCompile(`(Terraform|OpenTofu) v1\.([0-9]|1[01])\.`).MatchString(version):
		return "import by identity needs Terraform or OpenTofu 1.12"
	case strings.Contains(snippet, "after_destroy") && regexp.MustCompile(`Terraform v1\.1[45]\.`).MatchString(version):
		return "actions on destroy need Terraform 1.16"
	default:
		return ""
	}
}
