package permissionassist

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestListIdentities_fields(t *testing.T) {
	t.Parallel()

	const upper = "0A1B2C3D-1111-4222-8333-444455556666"
	for body, want := range map[string]Identity{
		`{"id":"` + upper + `"}`: {ID: appID},
		`{"id":"` + appID + `","firstName":null,"type":null,"status":5,"emailAddress":[],"inactivatedDate":"0001-01-01T00:00:00"}`: {ID: appID},
		`{"id":"` + appID + `","kind":"Identity","firstName":"A\u202e","lastName":"::warning::x","emailAddress":" A@b.example ",
			"type":"service  ACCOUNT","title":"t","company":"c","division":"d","department":"e","office":"o","supervisorName":"Last, First",
			"createdDate":"2026-02-20T08:15:00","updatedDate":"2026-02-21","firstSeenDate":"x","inactivatedDate":"y","status":"ACTIVE","x":1}`: {
			ID: appID, FirstName: `A\u202e`, LastName: ": :warning::x", EmailAddress: "A@b.example", Type: "Service Account",
			Title: "t", Company: "c", Division: "d", Department: "e", Office: "o", SupervisorName: "Last, First", Status: "Active",
			CreatedDate: "2026-02-20T08:15:00", UpdatedDate: "2026-02-21", FirstSeenDate: "x", InactivatedDate: "y",
		},
		`{"id":"` + appID + `","type":"Robot ","status":"On leave"}`: {ID: appID, Type: "Robot", Status: "On leave"},
	} {
		got, err := newTestClient(t, listOf(body)).ListIdentities(t.Context())
		if err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
		if diff := cmp.Diff(want, got[0], cmpopts.IgnoreUnexported(Identity{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}

func TestIdentity_HasEmailAddress(t *testing.T) {
	t.Parallel()

	i := Identity{rawEmail: " Ann.Lee@Bank.example"}
	for address, want := range map[string]bool{
		"ann.lee@bank.EXAMPLE": true, " ann.lee@bank.example\t": true, "ann.lee@bank": false, "": false, " ": false,
	} {
		if i.HasEmailAddress(address) != want {
			t.Errorf("%q: want %t", address, want)
		}
	}
	if (Identity{}).HasEmailAddress("") {
		t.Error("an identity without an address has the empty one")
	}
}
