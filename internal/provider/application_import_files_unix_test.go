//go:build unix

package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// newFilesWorkspace is a workspace with a file beside the configuration.
func newFilesWorkspace(t *testing.T, tg target, arguments string) *workspace {
	t.Helper()

	w := newWorkspace(t, tg, importResource(fileAppID, filesArgument(usersID, "users.csv")+arguments))
	w.write("users.csv", "a,b\n")

	return w
}

// providers is a configuration without resources.
func (w *workspace) providers() string {
	return "terraform {\n required_providers {\n permissionassist = { source = \"permissionassist/permissionassist\" }\n }\n}\n"
}

func (w *workspace) removeFile(name string) {
	w.t.Helper()

	if err := os.Remove(filepath.Join(w.dir, name)); err != nil {
		w.t.Fatal(err)
	}
}

// A file that is gone ends a plan, but neither a refresh nor a destroy. (A
// destroy that refreshes plans as if to keep the resource first.)
func TestAccCLI_filesGone(t *testing.T) {
	t.Parallel()

	for name, destroy := range map[string]func(*workspace){
		"destroy":           func(w *workspace) { w.run(0, "destroy", "-refresh=false", "-auto-approve", "-no-color") },
		"apply -destroy":    func(w *workspace) { w.run(0, "apply", "-destroy", "-refresh=false", "-auto-approve", "-no-color") },
		"out of the config": func(w *workspace) { w.write("main.tf", w.providers()); w.apply(0) },
		"out of the state":  func(w *workspace) { w.run(0, "state", "rm", address) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newUploadTarget(t)
			w := newFilesWorkspace(t, tg, "")

			w.apply(0)
			w.removeFile("users.csv")

			output := w.run(1, "plan", "-no-color", "-input=false")
			for _, want := range []string{"File cannot be uploaded", `"users.csv"`, "it does not exist", "files have to be there at every plan", "terraform destroy -refresh=false"} {
				if !text(want).MatchString(output) {
					t.Errorf("%q is missing in:\n%s", want, output)
				}
			}

			w.run(0, "apply", "-refresh-only", "-auto-approve", "-no-color")
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

// What was planned is what is uploaded, or nothing is.
func TestAccCLI_filesChangedAfterPlan(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newFilesWorkspace(t, tg, "")

	w.run(0, "plan", "-no-color", "-out=plan")
	w.write("users.csv", "c,d\n")

	if output := w.run(1, "apply", "-no-color", "plan"); !strings.Contains(output, "files_sha256") {
		t.Error(output)
	}

	tg.expectCount(t, sandbox.OpUpload, 0)
	w.apply(0)

	if got := tg.onlyImport(t); got.Files[0].SHA256 != sumOf("c,d\n") {
		t.Errorf("the file is %+v", got.Files)
	}
}

// Ctrl-C before the server has accepted the files: nothing is staged.
func TestAccCLI_filesInterrupted(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newFilesWorkspace(t, tg, "")

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
