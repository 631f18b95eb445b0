package permissionassist

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The calls of the client about people, without their results.
var gates = map[string]struct {
	operation Operation
	call      func(context.Context, *Client) error
}{
	"identities": {OperationListIdentities, func(ctx context.Context, c *Client) error {
		_, err := c.ListIdentities(ctx)
		return err
	}},
	"access request":   {OperationGetAccessRequest, call((*Client).GetAccessRequest, appID)},
	"access requests":  {OperationListAccessRequests, call((*Client).ListAccessRequests, AccessRequestFilter{IdentityID: appID})},
	"personnel event":  {OperationGetPersonnelEvent, call((*Client).GetPersonnelEvent, appID)},
	"personnel events": {OperationListPersonnelEvents, call((*Client).ListPersonnelEvents, PersonnelEventFilter{})},
}

// A response that cannot be used is an error without a word of its body.
func TestGates_errors(t *testing.T) {
	t.Parallel()

	for name, gate := range gates {
		isList := strings.HasSuffix(string(gate.operation), "s")
		try := func(h http.HandlerFunc) error {
			return gate.call(t.Context(), newTestClient(t, responding(h), maxRetries(0)))
		}
		for _, body := range []string{
			`{"items":[{"id":"Zenobia"}]}`, `{"items":[{"name":"Zenobia"}]}`, `{"id":"Zenobia"}`, `{"id":"` + otherAppID + `"}`,
			`["Zenobia"]`, `Zenobia`,
		} {
			unexpected := wantErrorAs[*UnexpectedResponseError](t, try(replyJSON(200, body)))
			wantNotContains(t, unexpected.Error(), "Zenobia", otherAppID)
			if unexpected.Operation != gate.operation || !gate.operation.aboutPeople() {
				t.Errorf("%s: %+v", name, unexpected)
			}
		}
		wantErrorIs(t, try(replyJSON(403, envelopeJSON("forbidden", "No"))), ErrForbidden)
		wantErrorIs(t, try(replyHTML(403)), ErrForbidden)

		missing := try(replyHTML(404))
		if isList {
			wantContains(t, wantErrorAs[*MissingEndpointError](t, missing).Endpoint, "GET /api/")
		} else {
			wantErrorIs(t, try(replyJSON(404, envelopeJSON("not_found", "No"))), ErrNotFound)
		}
		if wantNotContains(t, missing.Error(), "Not Found</h1>"); !IsMissingEndpoint(missing) {
			t.Errorf("%s: %v", name, missing)
		}
	}
}

// requestJSON is an access request; rest follows the number.
func requestJSON(number int, rest string) string {
	return fmt.Sprintf(`{"id":%q,"number":%d,"status":"Completed","action":"Add"%s}`, numberedID(number), number, rest)
}

func affectedJSON(id string) string {
	return `,"target":{"type":"User","affectedIdentity":{"id":` + id + `}}`
}

// The client filters what a server returns that ignores the filters.
func TestListAccessRequests_ignoredFilter(t *testing.T) {
	t.Parallel()

	mine, others := affectedJSON(`"`+strings.ToUpper(appID)+`"`), affectedJSON(`"`+otherAppID+`"`)
	item := func(number int, rest string, replace ...string) string {
		return strings.NewReplacer(replace...).Replace(requestJSON(number, rest))
	}
	for name, test := range map[string]struct {
		items []string
		want  string
	}{
		"all mine":               {[]string{item(1, mine), item(2, mine)}, "2 1"},
		"one names another":      {[]string{item(2, others), item(3, mine)}, "3"},
		"a group":                {[]string{item(2, `,"target":{"type":"group"}`), item(3, mine)}, "3"},
		"only others":            {[]string{item(1, others)}, ""},
		"other status ignored":   {[]string{item(1, mine), item(2, mine, "Completed", "Resolved")}, "1"},
		"other action":           {[]string{item(1, mine, "Add", "REMOVE")}, "1"},
		"undocumented action":    {[]string{item(1, mine, "Add", "Grant")}, ""},
		"number is missing":      {[]string{item(1, mine), item(3, mine, `"number":3`, `"number":null`), item(2, mine)}, "1 0 2"},
		"number is not a number": {[]string{item(1, mine), item(3, mine, `"number":3`, `"number":"3"`)}, "3 1"},
	} {
		c := newTestClient(t, listOf(test.items...))
		got, err := c.ListAccessRequests(t.Context(), AccessRequestFilter{
			IdentityID: appID, Statuses: []string{"completed"}, Actions: []string{"Add", "remove"},
		})
		var numbers []string
		for _, r := range got {
			numbers = append(numbers, fmt.Sprint(r.Number))
		}
		if err != nil || strings.Join(numbers, " ") != test.want {
			t.Errorf("%s: %v, %v, want %s", name, numbers, err, test.want)
		}
	}
}

// An item that cannot be compared is an error: to leave it out could open a
// gate.
func TestGates_unreadable(t *testing.T) {
	t.Parallel()

	mine := affectedJSON(`"` + appID + `"`)
	event := func(rest string) string { return `{"id":"` + appID + `","status":"Open"` + rest + `}` }
	requests := call((*Client).ListAccessRequests,
		AccessRequestFilter{IdentityID: appID, Statuses: []string{"Completed"}, Actions: []string{"Add"}})
	events := call((*Client).ListPersonnelEvents, PersonnelEventFilter{Types: []string{"Offboard"}})
	for name, tc := range map[string]struct {
		item string
		list func(context.Context, *Client) error
		want string
	}{
		"identity in braces":  {requestJSON(1, affectedJSON(`"{`+appID+`}"`)), requests, "not a GUID"},
		"identity is a text":  {event(`,"type":"Offboard","affectedIdentity":"` + appID + `"`), events, "not a GUID"},
		"identity's id is 7":  {event(`,"type":"Offboard","affectedIdentity":{"id":7}`), events, "not a GUID"},
		"target is a text":    {requestJSON(1, `,"target":"Ann"`), requests, "target"},
		"no target":           {requestJSON(1, ``), requests, "its affected identity"},
		"a user without ID":   {requestJSON(1, affectedJSON(`null`)), requests, "its affected identity"},
		"status is null":      {strings.Replace(requestJSON(1, mine), `"Completed"`, "null", 1), requests, "its status"},
		"action is a number":  {strings.Replace(requestJSON(1, mine), `"Add"`, "1", 1), requests, "its action"},
		"type is missing":     {event(""), events, "its type"},
		"identity is null":    {event(`,"type":"Offboard","affectedIdentity":null`), events, ""},
		"identity without id": {event(`,"type":"Offboard","affectedIdentity":{"firstName":"Ann"}`), events, ""},
	} {
		err := tc.list(t.Context(), newTestClient(t, listOf(tc.item)))
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

func TestGetAccessRequest_fields(t *testing.T) {
	t.Parallel()

	for body, want := range map[string]AccessRequest{
		`{"id":"` + appID + `"}`: {Ticket: Ticket{ID: appID}},
		`{"id":"` + appID + `","number":"7","status":"resolved","action":"ADD","reporter":{"id":5,"name":"Desk\u001b"},"assignee":null,
			"target":{"type":"user","name":"Ann","affectedIdentity":{"id":"` + otherAppID + `","firstName":"Ann"}}}`: {
			Ticket: Ticket{ID: appID, Number: 7, Status: "Resolved", Reporter: &Person{Name: `Desk\x1b`}}, Action: "Add",
			Target: &AccessRequestTarget{Type: "User", Name: "Ann", AffectedIdentity: &Identity{ID: otherAppID, FirstName: "Ann"}},
		},
		`{"id":"` + appID + `","target":{"type":"Group","nomenclature":"Role"},"reporter":[]}`: {
			Ticket: Ticket{ID: appID}, Target: &AccessRequestTarget{Type: "Group", Nomenclature: "Role"},
		},
	} {
		got, err := newTestClient(t, replyJSON(200, "\ufeff"+body)).GetAccessRequest(t.Context(), appID)
		if len(got.Details) == 0 {
			t.Errorf("%s: no details", body)
		}
		got.Details = nil
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Identity{})); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", body, err, diff)
		}
	}
}
