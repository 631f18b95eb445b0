package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// at returns the target with another address.
func (tg target) at(endpoint string) target {
	tg.endpoint = endpoint
	return tg
}

// A "not found" from a server that the import was not staged on is an error
// that names both servers and keeps the state.
func TestServerRecord_notFoundOnAnother(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "refresh and destroy", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		_, staged, state := createdResponse(t, tg)
		other := newFakeTarget(t, sandbox.Options{}).at("https://other.test")
		p := configuredProtocol(t, other)

		read := p.read(state, staged.Private...)
		destroy := p.destroy(state, staged.Private...)
		for _, diags := range [][]*tfprotov6.Diagnostic{read.Diagnostics, destroy.Diagnostics} {
			got := wantSummaries(t, diags, "ERROR: Import is not on this server")
			wantContains(t, got, "https://pa.test", "https://other.test", state.text("id"), "Nothing was changed", envEndpoint)
		}
		wantSameState(t, staged.NewState, read.NewState)
		wantSameState(t, staged.NewState, destroy.NewState)
	})
}

// An import that is found on a server with another name was staged there: the
// server was renamed. From then on, a "not found" from it counts.
func TestServerRecord_renamed(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "refresh", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		_, staged, state := createdResponse(t, tg)
		renamed := tg.at("https://renamed.test")
		p := configuredProtocol(t, renamed)

		read := p.read(state, staged.Private...)
		wantClean(t, read.Diagnostics)
		wantSameState(t, staged.NewState, read.NewState)

		tg.sandbox.RemoveImport(state.text("id"))
		<-time.After(10 * time.Minute)
		if gone := p.read(state, read.Private...); p.state(gone.NewState) != nil {
			t.Error(details(gone.Diagnostics))
		}
		if before := p.read(state, staged.Private...); p.state(before.NewState) == nil {
			t.Error("the record was ignored")
		}
	})
}

// An import without a record, from an earlier version of the provider, counts
// as staged on the configured server. So does an import that terraform import
// found there.
func TestServerRecord_missing(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "refresh and destroy", func(t *testing.T) {
		_, _, state := createdResponse(t, newFakeTarget(t, sandbox.Options{}))
		p := configuredProtocol(t, newFakeTarget(t, sandbox.Options{}).at("https://other.test"))

		<-time.After(10 * time.Minute)
		read := p.read(state)
		if wantSummaries(t, read.Diagnostics, "WARNING: Import no longer exists"); p.state(read.NewState) != nil {
			t.Error("it is in the state")
		}
		wantClean(t, p.destroy(state).Diagnostics)
	})
}

// An import that came from terraform import adopts files, with a warning that
// they are not uploaded. The next plan compares with the files of then: changed
// content is uploaded. An import that Terraform staged adopts no files.
func TestAdoptedFiles(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	existing := tg.addFileImport()
	p := configuredProtocol(t, tg)
	imported := p.importByIdentity(existing.ID).ImportedResources[0]
	state := p.cleanRead(p.state(imported.State))
	users := newLocalFile(t, "users.csv", "a")
	config := values{"application_id": fileAppID, "files": stringMap(usersID, users.path)}

	adopts := p.plan(state, config, imported.Private...)
	if wantSummaries(t, adopts.Diagnostics, "WARNING: Files are not uploaded"); len(adopts.RequiresReplace) > 0 {
		t.Errorf("it is replaced for %v", adopts.RequiresReplace)
	}
	if staged := p.plan(state, config); strings.Contains(details(staged.Diagnostics), "ERROR") || len(staged.RequiresReplace) == 0 {
		t.Errorf("an import that Terraform staged is replaced for %v\n%s", staged.RequiresReplace, details(staged.Diagnostics))
	}

	state = p.state(adopts.PlannedState)
	if same := p.plan(state, config, adopts.PlannedPrivate...); len(same.Diagnostics) > 0 || len(same.RequiresReplace) > 0 {
		t.Errorf("the same files are replaced for %v\n%s", same.RequiresReplace, details(same.Diagnostics))
	}
	users.write("b")
	if changed := p.plan(state, config, adopts.PlannedPrivate...); len(changed.RequiresReplace) != 1 {
		t.Errorf("changed files are replaced for %v\n%s", changed.RequiresReplace, details(changed.Diagnostics))
	}
}
