package sandbox

import (
	"fmt"
	"time"
)

// The IDs of the imaginary bank's people and applications never change.
const (
	seedOwner   = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c01"
	seedAdmin   = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c02"
	seedLeft    = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c03"
	seedLeaving = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c04"
	seedVendor  = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c05"
	seedMoving  = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c06"
	seedService = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c07"

	seedSilverlake = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e01"
	seedDNA        = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e02"
)

// seedTime is a time in the month in which it all happens.
func seedTime(day int) time.Time { return time.Date(2026, time.February, day, 8, 15, 0, 0, time.UTC) }

// SeedPeople adds the people of the imaginary bank, their requests and their
// events: an owner with two accounts, an owner who left, somebody who is about
// to leave, somebody who changes roles, a vendor whose access was granted, and
// a service account without an address.
func (s *Server) SeedPeople() {
	left := seedTime(9)
	const bank, vendor, department = "@firstfederal.example", "@vendor.example", "Core Banking"
	for _, i := range []Identity{
		{
			ID: seedOwner, FirstName: "Ann", LastName: "Lee", EmailAddress: "ann.lee" + bank, Title: "Application Owner",
			Company: "First Federal", Division: "Operations", Department: department, Office: "Springfield", SupervisorName: "Novak, Carla",
		},
		{
			ID: seedAdmin, FirstName: "Ann", LastName: "Lee (admin)", EmailAddress: "Ann.Lee" + bank, Type: "Administrator",
			Department: department,
		},
		{
			ID: seedLeft, FirstName: "Bob", LastName: "Ortiz", EmailAddress: "bob.ortiz" + bank, Department: "Card Services",
			Status: "Disabled", Inactivated: &left,
		},
		{
			ID: seedLeaving, FirstName: "Carla", LastName: "Novak", EmailAddress: "carla.novak" + bank, Title: "Director",
			Department: department,
		},
		{
			ID: seedVendor, FirstName: "Dev", LastName: "Patel", EmailAddress: "dev.patel" + vendor, Type: "Vendor",
			Company: "Acme Integrations",
		},
		{ID: seedMoving, FirstName: "Ella", LastName: "Brooks", EmailAddress: "ella.brooks" + bank, Department: "Lending"},
		{ID: seedService, LastName: "svc-imports", Type: "Service Account", Department: department},
	} {
		i.Created = seedTime(1)
		s.AddIdentity(i)
	}

	desk, owner := Person{"9c2e5d01-3f60-4b78-9d4e-2a1f0b9c8d01", "Service Desk"}, Person{seedOwner, "Ann Lee"}
	for n, r := range []AccessRequest{
		{Action: "Add", Status: "Completed", IdentityID: seedLeft, ApplicationID: seedSilverlake},
		{Action: "Remove", Status: "Completed", IdentityID: seedLeft, ApplicationID: seedSilverlake}, // undoes the first
		{
			Action: "Add", Status: "Completed", IdentityID: seedVendor, ApplicationID: seedSilverlake, Assignee: owner,
			Comments: []string{"For the upgrade"},
		},
		{Action: "Add", Status: "Resolved", IdentityID: seedMoving, ApplicationID: seedDNA, Assignee: owner}, // not verified yet
		{Action: "Change", Status: "Open", Group: "Tellers", Nomenclature: "Role", ApplicationID: seedDNA},
	} {
		r.ID, r.Number = fmt.Sprintf("4d8f6e12-5a71-4c89-ae5f-3b2a1c0d9e%02d", 1+n), int64(2041+n)
		r.Reporter, r.Created = desk, seedTime(3+n)
		s.AddAccessRequest(r)
	}
	for n, e := range []PersonnelEvent{
		{Type: "Offboard", Status: "Completed", IdentityID: seedLeft, Effective: seedTime(9)},
		{Type: "Role Transition", Status: "Open", IdentityID: seedMoving, Effective: seedTime(20)},
		{Type: "Offboard", Status: "Scheduled", IdentityID: seedLeaving, Effective: seedTime(28)},
	} {
		e.ID, e.Number, e.Reporter = fmt.Sprintf("6e9a7f23-6b82-4d9a-bf60-4c3b2d1e0f%02d", 1+n), int64(311+n), desk
		s.AddPersonnelEvent(e)
	}
}
