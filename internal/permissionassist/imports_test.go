package permissionassist

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestStatus(t *testing.T) {
	t.Parallel()

	for status, want := range map[Status][2]bool{
		StatusPending: {}, StatusRunning: {}, StatusCanceling: {}, "Paused": {}, "": {}, "Awaiting Review": {},
		StatusFinished: {true, false}, StatusFailed: {true, true}, StatusCanceled: {true, true},
	} {
		if got := [2]bool{status.Terminal(), status.Unsuccessful()}; got != want {
			t.Errorf("%q is terminal, unsuccessful: %v, want %v", status, got, want)
		}
	}
}

func TestImportString(t *testing.T) {
	t.Parallel()

	for want, imp := range map[string]Import{
		"import #42 of Jack Henry Silverlake":   {Number: 42, Application: &Application{ID: appID, Name: "Jack Henry Silverlake"}},
		"import #42 of application " + appID:    {Number: 42, Application: &Application{ID: appID, Name: " "}},
		"import #42":                            {Number: 42, ID: importID},
		"import " + importID:                    {ID: importID},
		`import #1 of A \x1b[31mred\x07 B`:      {Number: 1, Application: &Application{Name: "A \x1b[31mred\x07\n\tB"}},
		"import " + importID + " of Silverlake": {ID: importID, Application: &Application{Name: "Silverlake"}},
	} {
		if got := imp.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// All that an answer can look like.
func TestGetImportForms(t *testing.T) {
	t.Parallel()

	archived := true

	for name, test := range map[string]struct {
		body string
		want Import
	}{
		"full": {
			body: `{"id":"` + importID + `","kind":"Application Import","number":42,"type":"API","status":"Finished","createdBy":"terraform",
				"buildStart":"2026-02-20T08:15:00Z","buildEnd":"2026-02-20T08:16:00+01:00","log":"line 1\nline 2",
				"files":[{"id":"1","fileGroupId":"2","fileGroup":"Users","name":"users.csv"}],"metrics":{"b":1,"a":[1.50]},
				"application":{"id":"` + appID + `","kind":"Application","name":"Silverlake","priority":"High","isArchived":true,
				"lastUpdated":"2026-02-20T08:15:00"}}`,
			want: Import{
				ID: importID, Number: 42, Type: typeAPI, Status: StatusFinished, CreatedBy: "terraform",
				BuildStart: "2026-02-20T08:15:00Z", BuildEnd: "2026-02-20T08:16:00+01:00", Log: "line 1\nline 2",
				Files:       []ImportFile{{ID: "1", FileGroupID: "2", FileGroup: "Users", Name: "users.csv"}},
				Metrics:     json.RawMessage(`{"b":1,"a":[1.50]}`),
				Application: &Application{ID: appID, Name: "Silverlake", Priority: "High", IsArchived: &archived, LastUpdated: "2026-02-20T08:15:00"},
			},
		},
		"id only": {body: `{"id":"` + importID + `"}`, want: Import{ID: importID}},
		"null everything": {
			body: `{"id":"` + importID + `","kind":null,"number":null,"type":null,"status":null,"createdBy":null,"buildStart":null,"buildEnd":null,
				"log":null,"files":null,"metrics":null,"application":null}`,
			want: Import{ID: importID},
		},
		"null in what it has": {
			body: `{"id":"` + importID + `","files":[{"id":null,"name":"a"}],"application":{"id":"` + appID + `","name":null,"priority":null,
				"isArchived":null,"lastUpdated":null}}`,
			want: Import{ID: importID, Files: []ImportFile{{Name: "a"}}, Application: &Application{ID: appID}},
		},
		"application without id": {body: `{"id":"` + importID + `","application":{"id":null,"name":"x"}}`, want: Import{ID: importID}},
		"upper case, unknown fields, times without zone": {
			body: `{"id":"` + strings.ToUpper(importID) + `","tenant":{"x":[]},"buildStart":"2026-02-20T08:15:00","type":"Api","status":"running"}`,
			want: Import{ID: strings.ToUpper(importID), Type: typeAPI, Status: StatusRunning, BuildStart: "2026-02-20T08:15:00"},
		},
		"unknown type and status": {
			body: `{"id":"` + importID + `","type":"Replayed","status":"Paused"}`,
			want: Import{ID: importID, Type: "Replayed", Status: "Paused"},
		},
		"byte order mark":         {body: "\xef\xbb\xbf" + `{"id":"` + importID + `","number":7}`, want: Import{ID: importID, Number: 7}},
		"manual":                  {body: `{"id":"` + importID + `","type":"MANUAL"}`, want: Import{ID: importID, Type: "Manual"}},
		"scheduled":               {body: `{"id":"` + importID + `","type":"scheduled"}`, want: Import{ID: importID, Type: "Scheduled"}},
		"metrics of another type": {body: `{"id":"` + importID + `","metrics":"none"}`, want: Import{ID: importID, Metrics: json.RawMessage(`"none"`)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			r := answering(replyJSON(200, test.body))

			got, err := newTestClient(t, r).GetImport(t.Context(), importID, appID)
			if err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("GetImport (-want +got):\n%s", diff)
			}

			if want := []string{"GET /api/application-imports/" + importID}; !slices.Equal(r.seen(), want) {
				t.Errorf("the requests are %v, want %v", r.seen(), want)
			}
		})
	}
}

func TestImportsRefuseOtherIDs(t *testing.T) {
	t.Parallel()

	for _, id := range []string{"", "..", "../applications", importID + "/", importID + "?x", "%2e%2e", importID + "\n", "{" + importID + "}"} {
		r := answering(replyHTML(500))
		c := newTestClient(t, r)

		_, errGet := c.GetImport(t.Context(), id, "")
		_, errCancel := c.CancelImport(t.Context(), id)
		_, errStage := c.StageImport(t.Context(), id)
		_, errApp := c.GetApplication(t.Context(), id)

		for _, err := range []error{errGet, errCancel, errStage, errApp} {
			if err == nil {
				t.Errorf("%q: no error", id)
			} else {
				wantContains(t, err.Error(), fmt.Sprintf("%q", id), "GUID")
			}
		}

		if len(r.seen()) != 0 {
			t.Errorf("%q: %v", id, r.seen())
		}
	}
}

func TestCancelImport(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{})
	c := newTestClient(t, s)
	added := s.AddImport(sandbox.Import{Status: sandbox.StatusPending})

	imp, err := c.CancelImport(t.Context(), strings.ToUpper(added.ID))
	if err != nil {
		t.Fatal(err)
	}

	if imp.Status != StatusCanceling || imp.Number != added.Number {
		t.Errorf("the import is %+v", imp)
	}

	if got, want := string(s.Requests()[0].Body), `{"applicationImportId":"`+strings.ToUpper(added.ID)+`"}`; got != want {
		t.Errorf("the body is %s, want %s", got, want)
	}

	_, err = c.CancelImport(t.Context(), added.ID)
	wantErrorIs(t, err, ErrConflict)

	_, err = c.CancelImport(t.Context(), unknownID)
	wantErrorIs(t, err, ErrNotFound)
	wantRequests(t, s, "", 3)
}

func TestCancelImportAnswers(t *testing.T) {
	t.Parallel()

	inBubble(t, "retried until it is through", func(t *testing.T) {
		s := newSandbox(t, sandbox.Options{})
		added := s.AddImport(sandbox.Import{Status: sandbox.StatusPending})
		s.Inject(sandbox.Fault{Times: 2, Action: sandbox.Answer(502, "text/html", "")})
		s.Inject(sandbox.Fault{Times: 1})

		imp, err := newTestClient(t, s).CancelImport(t.Context(), added.ID)
		if err != nil || imp.Status != StatusCanceling {
			t.Errorf("%+v, %v", imp, err)
		}

		wantRequests(t, s, sandbox.OpCancel, 4)
	})

	for name, body := range map[string]string{"another import": importJSON(unknownID, appID), "no import": `{}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := newTestClient(t, answering(replyJSON(200, body))).CancelImport(t.Context(), importID)
			if unexpected := wantErrorAs[*UnexpectedResponseError](t, err); unexpected.Method != http.MethodPost {
				t.Errorf("the error is %+v", unexpected)
			}
		})
	}
}
