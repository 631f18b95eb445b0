package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// newFilesWorkspace returns a workspace with a file next to the configuration.
func newFilesWorkspace(t *testing.T, tg target) *workspace {
	t.Helper()
	w := newWorkspace(t, tg, importResource(fileAppID, filesArgument(usersID, "users.csv")))
	w.write("users.csv", "a,b\n")
	return w
}

// A plan that keeps the import needs its files: without one, it is not known
// whether its content has changed. Destroying needs none.
func TestAccFiles_gone(t *testing.T) {
	t.Parallel()

	for name, destroy := range map[string]func(*workspace){
		"destroy":           func(w *workspace) { w.run(0, "destroy", "-auto-approve", "-no-color", "-refresh=false") },
		"out of the config": func(w *workspace) { w.write("main.tf", w.providers()); w.apply(0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newUploadTarget(t)
			w := newFilesWorkspace(t, tg)

			w.apply(0)
			w.removeFile("users.csv")

			output := w.run(1, "plan", "-no-color", "-input=false", "-detailed-exitcode")
			expectText(t, output, "Error: File cannot be read", "users.csv", "it does not exist", "take the path from an attribute of that resource",
				"change triggers", "terraform destroy -refresh=false")

			destroy(w)

			if n := len(w.instances()); n != 0 {
				t.Errorf("the state has %d imports, want none", n)
			}

			if got := tg.onlyImport(t).Status; got != sandbox.StatusCanceling {
				t.Errorf("the import is %s", got)
			}
		})
	}
}

// The apply of a saved plan uploads the current content of the file, and
// files_sha256 has its sum. If the file was removed, nothing is staged.
func TestAccFiles_changedAfterPlan(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newFilesWorkspace(t, tg)

	w.run(0, "plan", "-no-color", "-out", "plan")
	w.write("users.csv", "c,d\n")
	w.run(0, "apply", "-no-color", "plan")

	if got := tg.onlyImport(t); got.Files[0].SHA256 != sumOf("c,d\n") {
		t.Errorf("the file is %+v", got.Files)
	}

	if output := w.run(0, "show", "-no-color"); !strings.Contains(output, sumOf("c,d\n")) {
		t.Error(output)
	}

	w.expectPlan(0)
	w.run(0, "destroy", "-auto-approve")
	tg.sandbox.ResetRequests()

	w.run(0, "plan", "-no-color", "-out", "plan")
	w.removeFile("users.csv")
	expectText(t, w.run(1, "apply", "-no-color", "plan"), "Nothing was staged")
	tg.expectCount(t, "", 0)
}

// A file that the same apply writes is uploaded: on a new machine, and if a
// trigger changes with it.
func TestAccFiles_writtenByTheSameApply(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newWorkspace(t, tg, "")
	export := func(content string) {
		w.write("main.tf", w.providers()+fmt.Sprintf(`
resource "terraform_data" "export" {
  triggers_replace = %q
  provisioner "local-exec" { command = "echo ${self.triggers_replace}>export.csv" }
}
`, content)+importResource(fileAppID, filesArgument(usersID, "export.csv")+`
  triggers   = { export = terraform_data.export.id }
  depends_on = [terraform_data.export]`))
	}

	for n, content := range []string{"first", "second"} {
		export(content)
		w.apply(0)

		// The shells of Unix and Windows end the line differently.
		written := w.read("export.csv")
		imports := tg.sandbox.Imports()
		if strings.TrimSpace(written) != content || len(imports) != n+1 || imports[n].Files[0].SHA256 != sumOf(written) {
			t.Fatalf("after %q the server has %+v", written, imports)
		}

		w.expectPlan(0)
	}
}
