package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/docstest"
)

// The example modules pass their own "terraform test" against a sandbox.
func TestAccExamples_modules(t *testing.T) {
	t.Parallel()

	modules, err := os.ReadDir("../../examples/modules")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range modules {
		t.Run(module.Name(), func(t *testing.T) {
			t.Parallel()

			w := newWorkspace(t, newSeedTarget(t, 2*time.Second), "")
			w.copyFolder("../../examples/modules/" + module.Name())
			w.run(0, "test")
		})
	}
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
	// wantTest runs a test of the example, which passes, or fails with these
	// texts.
	wantTest := func(w *workspace, file string, passes bool, texts ...string) {
		w.t.Helper()
		code, output := w.start("test", "-filter", file).end()
		if passes && code != 0 {
			w.t.Error(output)
		}
		if !passes {
			wantContains(w.t, output, texts...)
		}
	}
	known := strings.NewReplacer(mock[1], "  override_during = plan\n\n"+mock[1], "command = plan\n", `command = plan

  assert {
    condition     = permissionassist_application_import.core.number == 1001
    error_message = "unknown"
  }
`)

	for name, run := range map[string]func(w *workspace, v tool){
		"example": func(w *workspace, _ tool) { wantTest(w, file, true) },
		// OpenTofu reports a failure during an apply, although it is expected.
		"expected failure": func(w *workspace, v tool) {
			wantTest(w, "tests/warnings.tftest.hcl", !v.openTofu, "Resource postcondition failed", "Import #1001 has warnings.")
		},
		// Terraform shares mock values in a file; OpenTofu has no such files.
		"mock file": func(w *workspace, v tool) {
			if err := os.Mkdir(filepath.Join(w.dir, "tests", "mocks"), 0o700); err != nil {
				w.t.Fatal(err)
			}
			w.write("tests/mocks/permissionassist.tfmock.hcl", mock[1])
			w.write(file, strings.Replace(test, mock[1], "  source = \"./tests/mocks\"\n", 1))
			wantTest(w, file, !v.openTofu, "Unsupported argument")
		},
		// With override_during, values are known in the plan (Terraform 1.11).
		"override_during": func(w *workspace, v tool) {
			w.write(file, known.Replace(test))
			wantTest(w, file, v.has(11, never), "Unsupported argument")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := newWorkspace(t, target{}, "")
			w.copyFolder("../../examples/test-modules")
			run(w, theTool(t))
		})
	}

	readme := ""
	for _, s := range docstest.Snippets(t, "../..") {
		if s.Page == "README.md" {
			readme = s.Text
		}
	}
	for name, tc := range map[string]struct{ config, run string }{
		"README": {readme, `
  assert {
    condition     = permissionassist_application_import_completion.core.status == "Finished"
    error_message = "The mock is not used."
  }
`},
		"list of IDs": {requiredProviders + `
data "permissionassist_applications" "all" {}

resource "permissionassist_application_import" "each" {
  for_each       = toset(data.permissionassist_applications.all.ids)
  application_id = each.key
}
`, `
  command = plan

  assert {
    condition     = length(permissionassist_application_import.each) == 1
    error_message = "The list is empty."
  }
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := newWorkspace(t, target{}, "")
			w.write("main.tf", tc.config)
			w.write("test.tftest.hcl", mock[0]+"run \"mocked\" {"+tc.run+"}\n")
			w.run(0, "test")
		})
	}
}
