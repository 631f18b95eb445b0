package provider_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// needsEphemeral adds people to the server, and skips the test on a tool
// without ephemeral resources.
func (w *workspace) needsEphemeral() {
	w.t.Helper()
	needs(w.t, 10, 11)
	w.target.sandbox.SeedPeople()
}

// stored returns everything that Terraform stored in the folder, with the
// content of the plan file.
func (w *workspace) stored() string {
	w.t.Helper()
	var all bytes.Buffer
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup", "saved.tfplan"} {
		content, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			continue
		}
		archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			all.Write(content)
			continue
		}
		for _, f := range archive.File {
			// main.tf is in the plan too, with the addresses that the user wrote.
			if strings.HasPrefix(f.Name, "tfconfig/") {
				continue
			}
			r, err := f.Open()
			if err != nil {
				w.t.Fatal(err)
			}
			if _, err := io.Copy(&all, r); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return all.String()
}

// wantGate saves a plan while a gate is open. It wants its apply to stop if the
// gate was closed meanwhile, and to work if not, and nothing of a person in the
// state and the plan. The gate is closed in the end.
func (w *workspace) wantGate(open, shut func(), because string, perRun requests) {
	w.t.Helper()
	w.needsEphemeral()
	open()
	w.plan()
	shut()
	w.target.sandbox.ResetRequests()
	output := w.applyPlan(1)
	wantContains(w.t, output, because)
	wantNotContains(w.t, output, ": Creating")
	w.target.wantOnlyRequests(w.t, "the apply", perRun)
	wantContains(w.t, w.run(1, "plan"), because)

	open()
	w.plan()
	w.target.sandbox.ResetRequests()
	wantContains(w.t, w.applyPlan(0), "Creation complete")
	w.target.wantOnlyRequests(w.t, "the apply", perRun)
	stored := w.stored()
	wantContains(w.t, stored, "terraform_data", "2026.11")
	wantNotContains(w.t, stored, "Ann", "Lee", "Bob", "Ortiz", "Dev", "Patel", "Ella", "Brooks", "Acme", "Service Desk", "firstfederal",
		"vendor.example", "7b1d4c90-", "4d8f6e12-", "Completed", "Offboard")
	shut()
}

// A request that is reopened after the plan was saved stops the apply.
func (w *workspace) tryAccessRequestGate() {
	set := func(status string) func() {
		return func() {
			w.target.sandbox.UpdateAccessRequest(devRequestID, func(r *sandbox.AccessRequest) { r.Status = status })
		}
	}
	w.wantGate(set("Completed"), set("Open"), "The newest access request is not a completed Add. Nothing is deployed.",
		requests{sandbox.OpListIdentities: 1, sandbox.OpListAccessRequests: 1})

	// A later Remove undoes the Add, a Resolved request is not done, and so on.
	set("Completed")()
	w.wantPlan(0)
	set("Resolved")()
	w.run(1, "plan")
	set("Completed")()
	w.target.sandbox.AddAccessRequest(sandbox.AccessRequest{
		Action: "Remove", Status: "Completed", IdentityID: devID, ApplicationID: silverlakeID,
	})
	w.run(1, "plan")
	w.run(1, "plan", "-var=email_address=nobody@bank.example")
}

// An owner who leaves after the plan was saved stops the apply. The other
// owner, who has left before, is a warning.
func (w *workspace) tryActiveOwners() {
	set := func(status string) func() {
		return func() {
			for _, id := range []string{annID, annAdminID} {
				w.target.sandbox.UpdateIdentity(id, func(i *sandbox.Identity) { i.Status = status })
			}
		}
	}
	w.wantGate(set("Active"), set("Disabled"), "The owner of Jack Henry Silverlake has no active identity. Nothing is deployed.",
		requests{sandbox.OpListIdentities: 1})
	set("Active")()
	wantContains(w.t, w.apply(0), "Check block assertion failed", "An owner of an application has no active identity.")
}

// Somebody whose departure is planned after the plan was saved stops the apply.
func (w *workspace) tryLeavers() {
	planned := func(status string) func() {
		return func() {
			w.target.sandbox.AddPersonnelEvent(sandbox.PersonnelEvent{ID: importedID, Number: 400, IdentityID: annID, Status: status})
		}
	}
	w.wantGate(planned("Canceled"), planned("Scheduled"), "A member of the admin group is about to leave. Remove that member first.",
		requests{sandbox.OpListIdentities: 1, sandbox.OpListPersonnelEvents: 1})
	planned("Canceled")()
	w.target.sandbox.UpdateIdentity(ellaID, func(i *sandbox.Identity) { i.Status = "Removed" })
	wantContains(w.t, w.run(1, "plan"), "has no active identity")
	w.target.sandbox.UpdateIdentity(ellaID, func(i *sandbox.Identity) { i.Status = "Active" })
	w.run(0, "plan")
	wantContains(w.t, w.run(1, "plan", "-var=admins=[]"), "nothing is checked")
	w.target.sandbox.AddPersonnelEvent(sandbox.PersonnelEvent{Type: "Offboard", Status: "Open"})
	wantContains(w.t, w.run(1, "plan"), "the server does not report who")
}
