package provider_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// needsEphemeral adds people to the server, and skips the test on a tool
// without ephemeral resources.
func (w *workspace) needsEphemeral() {
	w.t.Helper()
	if v := w.version(); v.minor < 10 || v.openTofu && v.minor < 11 {
		w.t.Skip("ephemeral resources need Terraform 1.10 or OpenTofu 1.11")
	}
	w.target.sandbox.SeedPeople()
}

// plan saves a plan.
func (w *workspace) plan(args ...string) {
	w.t.Helper()
	w.run(0, append([]string{"plan", "-no-color", "-input=false", "-out", "saved.tfplan"}, args...)...)
}

// applyPlan applies the saved plan.
func (w *workspace) applyPlan(code int) string {
	w.t.Helper()
	return w.run(code, "apply", "-no-color", "-input=false", "saved.tfplan")
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

// gate saves a plan while a gate is open, and expects that the saved plan stops
// at apply if the gate was closed meanwhile, and that it can be applied if not.
// The state and the plan have nothing of a person. The gate is closed in the
// end.
func (w *workspace) gate(open, shut func(), because string, perRun requests) {
	w.t.Helper()
	w.needsEphemeral()
	open()
	w.plan()
	shut()
	w.target.sandbox.ResetRequests()
	output := w.applyPlan(1)
	expectText(w.t, output, because)
	expectNone(w.t, output, ": Creating")
	w.target.expectRequests(w.t, "the apply", perRun)
	output = w.run(1, "plan", "-no-color", "-input=false")
	expectText(w.t, output, because)

	open()
	w.plan()
	w.target.sandbox.ResetRequests()
	expectText(w.t, w.applyPlan(0), "Creation complete")
	w.target.expectRequests(w.t, "the apply", perRun)
	stored := w.stored()
	expectAll(w.t, stored, "terraform_data", "2026.11")
	expectNone(w.t, stored, "Ann", "Lee", "Bob", "Ortiz", "Dev", "Patel", "Ella", "Brooks", "Acme", "Service Desk", "firstfederal",
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
	w.gate(set("Completed"), set("Open"), "The newest access request is not a completed Add. Nothing is deployed.",
		requests{sandbox.OpListIdentities: 1, sandbox.OpListAccessRequests: 1})

	// A later Remove undoes the Add, a Resolved request is not done, and so on.
	set("Completed")()
	w.expectPlan(0)
	set("Resolved")()
	w.run(1, "plan", "-no-color", "-input=false")
	set("Completed")()
	w.target.sandbox.AddAccessRequest(sandbox.AccessRequest{Action: "Remove", Status: "Completed", IdentityID: devID, ApplicationID: silverlakeID})
	w.run(1, "plan", "-no-color", "-input=false")
	w.run(1, "plan", "-no-color", "-input=false", "-var=email_address=nobody@bank.example")
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
	w.gate(set("Active"), set("Disabled"), "The owner of Jack Henry Silverlake has no active identity. Nothing is deployed.",
		requests{sandbox.OpListIdentities: 1})
	set("Active")()
	expectText(w.t, w.apply(0), "Check block assertion failed", "An owner of an application has no active identity.")
}

// Somebody whose departure is planned after the plan was saved stops the apply.
func (w *workspace) tryLeavers() {
	planned := func(status string) func() {
		return func() {
			w.target.sandbox.AddPersonnelEvent(sandbox.PersonnelEvent{ID: importedID, Number: 400, IdentityID: annID, Status: status})
		}
	}
	w.gate(planned("Canceled"), planned("Scheduled"), "A member of the admin group is about to leave. Remove that member first.",
		requests{sandbox.OpListIdentities: 1, sandbox.OpListPersonnelEvents: 1})
	planned("Canceled")()
	w.target.sandbox.UpdateIdentity(ellaID, func(i *sandbox.Identity) { i.Status = "Removed" })
	expectText(w.t, w.run(1, "plan", "-no-color", "-input=false"), "has no active identity")
	w.target.sandbox.UpdateIdentity(ellaID, func(i *sandbox.Identity) { i.Status = "Active" })
	w.expectPlan(0)
	expectText(w.t, w.run(1, "plan", "-no-color", "-input=false", "-var=admins=[]"), "nothing is checked")
	w.target.sandbox.AddPersonnelEvent(sandbox.PersonnelEvent{Type: "Offboard", Status: "Open"})
	expectText(w.t, w.run(1, "plan", "-no-color", "-input=false"), "the server does not report who")
}

// All lookups of a run read 5,000 identities once, in 100 pages, and an apply
// of a saved plan reads them once more.
func TestAccGates_manyIdentities(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	for n := range 5000 {
		tg.sandbox.AddIdentity(sandbox.Identity{LastName: "Person", EmailAddress: fmt.Sprintf("p%d@bank.example", n)})
	}
	w := newWorkspace(t, tg, `
ephemeral "permissionassist_identities" "each" {
  for_each = toset([for n in range(0, 5000, 500) : "p${n}@bank.example"])

  email_addresses = [each.value]
}

resource "terraform_data" "deployment" {
  lifecycle {
    precondition {
      condition     = alltrue([for found in ephemeral.permissionassist_identities.each : length(found.not_active) == 0])
      error_message = "Somebody left."
    }
  }
}
`)
	w.needsEphemeral()
	tg.sandbox.ResetRequests()
	w.plan()
	tg.expectRequests(t, "the plan", requests{sandbox.OpListIdentities: 101}) // with the people of the seed
	w.applyPlan(0)
	tg.expectRequests(t, "the apply", requests{sandbox.OpListIdentities: 101})
	expectNone(t, w.stored(), "Person", "not_active")
}
