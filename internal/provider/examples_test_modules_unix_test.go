//go:build unix

package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The example's tests pass without a server and a token, and its mock file also
// works with the README's configuration. Mock files need Terraform 1.7;
// OpenTofu does not have them.
func TestAccExamples_testModules(t *testing.T) {
	t.Parallel()

	const mock = "../../examples/test-modules/tests/permissionassist"

	t.Run("example", func(t *testing.T) {
		t.Parallel()

		w := newModuleWorkspace(t)
		w.copyFolder("../../examples/test-modules", ".")
		w.run(0, "test", "-no-color")
	})

	t.Run("README", func(t *testing.T) {
		t.Parallel()

		w := newModuleWorkspace(t)
		for _, s := range docSnippets(t) {
			if strings.HasPrefix(s.name, "../../README.md") {
				w.write("main.tf", s.text)
			}
		}
		w.copyFolder(mock, "tests/permissionassist")
		w.write("readme.tftest.hcl", `mock_provider "permissionassist" {
  source = "./tests/permissionassist"
}

run "readme" {
  assert {
    condition     = permissionassist_application_import.core.status == "Finished"
    error_message = "The mock is not used."
  }
}
`)
		w.run(0, "test", "-no-color")
	})
}

// newModuleWorkspace returns a workspace without a server and a token.
func newModuleWorkspace(t *testing.T) *workspace {
	t.Helper()

	w := newWorkspace(t, target{}, "")
	if strings.Contains(w.run(0, "version"), "OpenTofu") {
		t.Skip("OpenTofu has no mock files")
	}

	return w
}

func (w *workspace) copyFolder(from, to string) {
	w.t.Helper()

	to = filepath.Join(w.dir, to)
	if to == w.dir {
		// os.CopyFS does not replace files.
		if err := os.Remove(filepath.Join(to, "main.tf")); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		w.t.Fatal(err)
	}
}
