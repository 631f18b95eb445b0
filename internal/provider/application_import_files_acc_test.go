package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// filesArgument returns the argument files with alternating keys and paths.
func filesArgument(keysAndPaths ...string) string {
	lines := ""
	for n := 0; n < len(keysAndPaths); n += 2 {
		lines += fmt.Sprintf("%q = %q\n", keysAndPaths[n], keysAndPaths[n+1])
	}
	return "files = {\n" + lines + "}\n"
}

// wantUploads fails the test unless the n-th import is the last, and has
// exactly the files of alternating file groups and contents.
func (tg target) wantUploads(t *testing.T, n int, groupsAndContents ...string) {
	t.Helper()
	imports := tg.sandbox.Imports()
	if len(imports) != n || len(imports[n-1].Files) != len(groupsAndContents)/2 {
		t.Fatalf("the server has %+v", imports)
	}
	for i, f := range imports[n-1].Files {
		group, content := groupsAndContents[2*i], groupsAndContents[2*i+1]
		if f.FileGroupID != group || f.SHA256 != sumOf(content) || f.Size != int64(len(content)) {
			t.Errorf("file %d is %+v", i, f)
		}
	}
}

// Upload, wait, plan without changes, upload changed content.
func TestAccFiles_upload(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	tg.sandbox.ReleaseBuilds()
	users, roles := newLocalFile(t, `users 'Q4' ü.csv`, "a,b\n"), newLocalFile(t, "roles.csv", "c")
	upper := strings.ToUpper(usersID)
	config := tg.configImport(filesArgument(upper, users.path, rolesID, roles.path)) + completionResource("")
	upload := step(config, "", tg.wantImports(1), wantState(address, values{
		"files_sha256": map[string]string{upper: sumOf("a,b\n"), rolesID: sumOf("c")},
	}))
	change := step(config, plancheck.ResourceActionDestroyBeforeCreate, tg.wantImports(2), wantState(address, values{
		"files_sha256": map[string]string{upper: sumOf("a,b\nc,d\n"), rolesID: sumOf("c")},
	}))
	change.PreConfig = func() {
		tg.wantUploads(t, 1, usersID, "a,b\n", rolesID, "c")
		users.write("a,b\nc,d\n")
	}
	unchanged := step(config, plancheck.ResourceActionNoop)
	lifecycle(t, upload, unchanged, change, unchanged)

	tg.wantRequests(t, requests{sandbox.OpStage: 0, sandbox.OpUpload: 2})
	tg.wantUploads(t, 2, usersID, "a,b\nc,d\n", rolesID, "c")
	if got := tg.sandbox.Imports()[0].Files[0].Name; got != `users 'Q4' ü.csv` {
		t.Errorf("the file's name is %q", got)
	}
}

// An import block adopts an import with its files. A later change is uploaded.
func TestAccFiles_adopted(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: fileAppID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending})
	users := newLocalFile(t, "users.csv", "a")
	config := tg.configImport(filesArgument(usersID, users.path)) + importBlock(existing.ID)
	change := step(config, plancheck.ResourceActionDestroyBeforeCreate, wantState(address, values{
		"files_sha256": map[string]string{usersID: sumOf("b")},
	}))
	change.PreConfig = func() {
		tg.wantRequests(t, requests{sandbox.OpUpload: 0})
		users.write("b")
	}
	lifecycle(t,
		step(config, plancheck.ResourceActionUpdate, tg.wantImports(1),
			wantState(address, values{"id": existing.ID, "files_sha256": nil})),
		step(config, plancheck.ResourceActionNoop),
		change,
	)
	tg.wantUploads(t, 2, usersID, "b")
}

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
		"destroy":           func(w *workspace) { w.run(0, "destroy", "-refresh=false") },
		"out of the config": func(w *workspace) { w.configure(""); w.apply(0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newUploadTarget(t)
			w := newFilesWorkspace(t, tg)
			w.apply(0)
			w.remove("users.csv")
			wantContains(t, w.run(1, "plan"), "Error: File cannot be read", "users.csv", "it does not exist",
				"take the path from an attribute of that resource", "change triggers", "terraform destroy -refresh=false")

			destroy(w)
			if got := tg.onlyImport(t).Status; got != sandbox.StatusCanceling || len(w.instances()) != 0 {
				t.Errorf("the import is %s, the state has %v", got, w.instances())
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
	w.plan()
	w.write("users.csv", "c,d\n")
	w.applyPlan(0)
	tg.wantUploads(t, 1, usersID, "c,d\n")
	wantContains(t, w.run(0, "show"), sumOf("c,d\n"))

	w.wantPlan(0)
	w.run(0, "destroy")
	tg.sandbox.ResetRequests()

	w.plan()
	w.remove("users.csv")
	wantContains(t, w.applyPlan(1), "Nothing was staged")
	tg.wantOnlyRequests(t, "an apply without a file", requests{})
}

// A file that the same apply writes is uploaded: on a new machine, and if a
// trigger changes with it.
func TestAccFiles_writtenByTheSameApply(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	w := newWorkspace(t, tg, "")
	for n, content := range []string{"first", "second"} {
		w.configure(fmt.Sprintf(`
resource "terraform_data" "export" {
  triggers_replace = %q
  provisioner "local-exec" { command = "echo ${self.triggers_replace}>export.csv" }
}
`, content) + importResource(fileAppID, filesArgument(usersID, "export.csv")+`
  triggers   = { export = terraform_data.export.id }
  depends_on = [terraform_data.export]`))
		w.apply(0)

		// The shells of Unix and Windows end the line differently.
		written := w.read("export.csv")
		if strings.TrimSpace(written) != content {
			t.Errorf("the file has %q", written)
		}
		tg.wantUploads(t, n+1, usersID, written)
		w.wantPlan(0)
	}
}
