package permissionassist

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestGetApplication(t *testing.T) {
	t.Parallel()

	archived, active := true, false
	for name, test := range map[string]struct {
		body string
		want Application
	}{
		"full": {
			`{"id":"` + appID + `","kind":"Application","name":"Silverlake","priority":"Critical","isArchived":true,
				"lastUpdated":"2026-02-20T08:15:00","connectorConfiguration":{"name":"File"},"lastImportStatus":"Finished"}`,
			Application{ID: appID, Name: "Silverlake", Priority: "Critical", IsArchived: &archived, LastUpdated: "2026-02-20T08:15:00"},
		},
		"fields in another case": {
			`{"ID":"` + appID + `","KIND":"Application","NAME":"Silverlake","PRIORITY":"Low","ISARCHIVED":false,"LastUpdated":null}`,
			Application{ID: appID, Name: "Silverlake", Priority: "Low", IsArchived: &active},
		},
		"other shapes":     {`{"id":"` + appID + `","name":5,"priority":{},"isArchived":"no","lastUpdated":[]}`, Application{ID: appID}},
		"another spelling": {`{"id":"` + strings.ToUpper(appID) + `","priority":"moderate"}`, Application{ID: appID, Priority: "Moderate"}},
	} {
		got, err := newTestClient(t, responding(replyJSON(200, test.body))).GetApplication(t.Context(), appID)
		if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Application{})); err != nil || diff != "" {
			t.Errorf("%s: %v, the application (-want +got):\n%s", name, err, diff)
		}
	}

	wantErrorIs(t, getApplication(t.Context(), newTestClient(t, responding(replyJSON(404, envelopeJSON("not_found", "No"))))), ErrNotFound)
	for _, body := range []string{`{"id":"` + otherAppID + `"}`, `[]`, `{"name":"x"}`} {
		_ = wantErrorAs[*UnexpectedResponseError](t, getApplication(t.Context(), newTestClient(t, responding(replyJSON(200, body)))))
	}
}

// Names are compared in the server's form and in the printable form; without an
// exact match, ignoring case, Unicode form and white space.
func TestFindApplications(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("x", 250)
	s := newSandbox(t, sandbox.Options{Applications: []sandbox.Application{
		{Name: "Jack Henry Silverlake"}, {Name: " JACK HENRY SILVERLAKE\t", IsArchived: true}, {Name: "Jack Henry"}, {Name: "Übersicht"},
		{Name: "a\u202eb"}, {Name: long}, {Name: long + "y"}, {Name: "::warning::x"},
	}})
	c := newTestClient(t, s)
	for name, want := range map[string]int{
		"jack henry silverlake": 2, " Jack Henry Silverlake ": 2, "JACK HENRY": 1, "Jack": 0, "übersicht": 1, "": 0,
		"a\u202eb": 1, `a\u202eb`: 1, "Jack  Henry\u00a0Silverlake": 2, "U\u0308BERSICHT": 1, long: 1, long + "y": 1, "::warning::x": 1,
	} {
		if got, err := c.FindApplications(t.Context(), name); err != nil || len(got) != want {
			t.Errorf("%q: %v, %v, want %d", name, got, err, want)
		}
	}
	// An exact name wins.
	for _, name := range []string{"Jack Henry Silverlake", " JACK HENRY SILVERLAKE\t", "JACK HENRY SILVERLAKE"} {
		if got, err := c.FindApplications(t.Context(), name); err != nil || len(got) != 1 || got[0].Name != strings.TrimSpace(name) {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
	wantRequests(t, s, "", 1)
	if got, err := c.FindApplications(t.Context(), "a\u202eb"); err != nil || got[0].Name != `a\u202eb` {
		t.Errorf("the name is shown as %q, %v", got[0].Name, err)
	}
}
