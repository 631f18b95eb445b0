package provider_test

import (
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// An import that came from terraform import adopts files, with a warning that
// they are not uploaded. The next plan compares with the files of then: changed
// content is uploaded. An import that Terraform staged adopts no files.
func TestAdoptedFiles(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: fileAppID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending})
	p := configuredProtocol(t, tg)
	imported := p.importByIdentity(str(existing.ID)).ImportedResources[0]
	state := p.refreshed(p.state(imported.State))
	users := newLocalFile(t, "users.csv", "a")
	config := values{"application_id": str(fileAppID), "files": stringMap(map[string]string{usersID: users.path})}

	adopts := p.plan(state, config, imported.Private...)
	if expectSummaries(t, adopts.Diagnostics, "WARNING: Files are not uploaded"); len(adopts.RequiresReplace) > 0 {
		t.Errorf("it is replaced for %v", adopts.RequiresReplace)
	}
	if staged := p.plan(state, config); strings.Contains(details(staged.Diagnostics), "ERROR") || len(staged.RequiresReplace) == 0 {
		t.Errorf("an import that Terraform staged is replaced for %v\n%s", staged.RequiresReplace, details(staged.Diagnostics))
	}

	state = p.state(adopts.PlannedState)
	if same := p.plan(state, config, adopts.PlannedPrivate...); len(same.Diagnostics) > 0 || len(same.RequiresReplace) > 0 {
		t.Errorf("the same files are replaced for %v\n%s", same.RequiresReplace, details(same.Diagnostics))
	}
	users.write("b")()
	if changed := p.plan(state, config, adopts.PlannedPrivate...); len(changed.RequiresReplace) != 1 {
		t.Errorf("changed files are replaced for %v\n%s", changed.RequiresReplace, details(changed.Diagnostics))
	}
}
