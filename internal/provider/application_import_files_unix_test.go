//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

// providers returns a configuration without resources.
func (w *workspace) providers() string {
	return "terraform {\n required_providers {\n permissionassist = { source = \"permissionassist/permissionassist\" }\n }\n}\n"
}

func (w *workspace) removeFile(name string) {
	w.t.Helper()

	if err := os.Remove(filepath.Join(w.dir, name)); err != nil {
		w.t.Fatal(err)
	}
}

// A removed file is a warning: the import stays, and can be destroyed.
func TestAccCLI_filesGone(t *testing.T) {
	t.Parallel()

	for name, destroy := range map[string]func(*workspace){
		"destroy":           func(w *workspace) { w.run(0, "destroy", "-auto-approve", "-no-color") },
		"apply -destroy":    func(w *workspace) { w.run(0, "apply", "-destroy", "-auto-approve", "-no-color") },
		"out of the config": func(w *workspace) { w.write("main.tf", w.providers()); w.apply(0) },
		"out of the state":  func(w *workspace) { w.run(0, "state", "rm", address) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newUploadTarget(t)
			w := newFilesWorkspace(t, tg)

			w.apply(0)
			w.removeFile("users.csv")

			output := w.run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
			for _, want := range []string{"Warning: File cannot be read", `"users.csv"`, "it does not exist", "content has not changed"} {
				if !text(want).MatchString(output) {
					t.Errorf("%q is missing in:\n%s", want, output)
				}
			}

			destroy(w)

			if n := len(w.instances()); n != 0 {
				t.Errorf("the state has %d imports, want none", n)
			}

			if got := tg.onlyImport(t).Status; (got == sandbox.StatusCanceling) != (name != "out of the state") {
				t.Errorf("the import is %s", got)
			}
		})
	}
}

// The apply uploads the current content of the file, and files_sha256 has its
// sum.
func TestAccCLI_filesChangedAfterPlan(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newFilesWorkspace(t, tg)

	w.run(0, "plan", "-no-color", "-out=plan")
	w.write("users.csv", "c,d\n")
	w.run(0, "apply", "-no-color", "plan")

	if got := tg.onlyImport(t); got.Files[0].SHA256 != sumOf("c,d\n") {
		t.Errorf("the file is %+v", got.Files)
	}

	if output := w.run(0, "show", "-no-color"); !strings.Contains(output, sumOf("c,d\n")) {
		t.Error(output)
	}

	w.run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
}

// A saved plan whose file was removed stages nothing and fails.
func TestAccCLI_filesGoneAfterPlan(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newFilesWorkspace(t, tg)

	w.run(0, "plan", "-no-color", "-out=plan")
	w.removeFile("users.csv")

	if output := w.run(1, "apply", "-no-color", "plan"); !text("Nothing was staged").MatchString(output) {
		t.Error(output)
	}

	tg.expectCount(t, "", 0)
}

// A file that the same apply writes is uploaded: on a new machine, and if a
// trigger changes with it.
func TestAccCLI_filesWrittenByTheSameApply(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newWorkspace(t, tg, "")
	export := func(content string) {
		w.write("main.tf", w.providers()+fmt.Sprintf(`
resource "terraform_data" "export" {
  triggers_replace = %q
  provisioner "local-exec" { command = "printf %%s '${self.triggers_replace}' >export.csv" }
}
`, content)+importResource(fileAppID, filesArgument(usersID, "export.csv")+`
  triggers   = { export = terraform_data.export.id }
  depends_on = [terraform_data.export]`))
	}

	for n, content := range []string{"first", "second"} {
		export(content)
		w.apply(0)

		imports := tg.sandbox.Imports()
		if len(imports) != n+1 || imports[n].Files[0].SHA256 != sumOf(content) {
			t.Fatalf("after %q the server has %+v", content, imports)
		}

		w.run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
	}
}

// If nothing tells Terraform that the same apply writes the file, the next apply
// uploads it.
func TestAccCLI_filesWrittenWithoutATrigger(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newWorkspace(t, tg, "")

	for n, content := range []string{"first", "second"} {
		w.write("main.tf", w.providers()+fmt.Sprintf(`
resource "terraform_data" "export" {
  triggers_replace = %q
  provisioner "local-exec" { command = "printf %%s '${self.triggers_replace}' >export.csv" }
}
`, content)+importResource(fileAppID, filesArgument(usersID, "export.csv")+"depends_on = [terraform_data.export]"))
		w.apply(0)
		tg.expectCount(t, sandbox.OpUpload, 1)

		if n == 1 {
			w.apply(0)
			tg.expectCount(t, sandbox.OpUpload, 2)
		}
	}
}

// The same files in another folder are not uploaded again.
func TestAccCLI_filesInAnotherFolder(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newWorkspace(t, tg, importResource(fileAppID, filesArgument(usersID, "a.csv")))

	w.write("a.csv", "a,b\n")
	w.apply(0)

	for _, path := range []string{"./a.csv", filepath.Join(w.dir, "a.csv")} {
		w.write("main.tf", w.providers()+importResource(fileAppID, filesArgument(usersID, path)))
		w.apply(0)
	}

	tg.expectCount(t, sandbox.OpUpload, 1)
	tg.expectCount(t, sandbox.OpCancel, 0)
}

// After Ctrl-C during the upload, nothing is staged.
func TestAccCLI_filesInterrupted(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newFilesWorkspace(t, tg)

	tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpUpload, Action: sandbox.RetryAfter(503, "300", false)})

	apply := w.start("apply", "-auto-approve", "-no-color", "-input=false")
	if err := tg.sandbox.AwaitCount(t.Context(), sandbox.OpUpload, 1); err != nil {
		t.Fatal(err)
	}

	apply.signal(syscall.SIGINT)

	if code, output := apply.end(); code != 1 || !text("Nothing was staged").MatchString(output) {
		t.Errorf("exit code %d\n%s", code, output)
	}

	w.expectKnown(false)
	w.apply(0)
	tg.onlyImport(t)
}
