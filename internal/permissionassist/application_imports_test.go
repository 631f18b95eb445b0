package permissionassist

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestApplicationImport_ended(t *testing.T) {
	t.Parallel()

	for status, want := range map[Status][3]bool{
		StatusPending: {}, StatusRunning: {}, StatusCanceling: {}, "Paused": {false, false, true}, "": {false, false, true},
		StatusFinished: {true, false, true}, StatusFailed: {true, true, true}, StatusCanceled: {true, true, true},
	} {
		ended := ApplicationImport{Status: status, BuildEnd: "2026-02-20T08:15:00Z"}.Ended()
		if got := [3]bool{ApplicationImport{Status: status}.Ended(), status.Unsuccessful(), ended}; got != want {
			t.Errorf("%q has ended, is unsuccessful, has ended with a build end: %v, want %v", status, got, want)
		}
	}
}

func TestApplicationImport_string(t *testing.T) {
	t.Parallel()

	for want, imp := range map[string]ApplicationImport{
		"import #42 of Jack Henry Silverlake":   {Number: 42, Application: &Application{ID: appID, Name: "Jack Henry Silverlake"}},
		"import #42 of application " + appID:    {Number: 42, Application: &Application{ID: appID}},
		"import #42":                            {Number: 42, ID: importID},
		"import " + importID + " of Silverlake": {ID: importID, Application: &Application{Name: "Silverlake"}},
	} {
		if got := imp.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Everything that a response can look like.
func TestGetApplicationImport_forms(t *testing.T) {
	t.Parallel()

	archived := true
	hostile := "a\n::add-mask::\u202eb\x1b[2J" + testToken
	clean := `a : :add-mask::\u202eb\x1b[2J[REDACTED]`
	asJSON := func(s string) string { data, _ := json.Marshal(s); return string(data) }
	long := strings.Repeat("x", 300)

	for name, test := range map[string]struct {
		body string
		want ApplicationImport
	}{
		"full": {
			body: `{"id":"` + importID + `","kind":"Application Import","number":42,"type":"API","status":"Finished","createdBy":"terraform",
				"buildStart":"2026-02-20T08:15:00Z","buildEnd":"2026-02-20T08:16:00+01:00","log":"line 1\nline 2",
				"files":[{"id":"1","fileGroupId":"2","fileGroup":"Users","name":"users.csv"}],"metrics":{"b":1,"a":[1.50]},
				"application":{"id":"` + appID + `","kind":"Application","name":"Silverlake","priority":"High","isArchived":true,
				"lastUpdated":"2026-02-20T08:15:00"}}`,
			want: ApplicationImport{
				ID: importID, Number: 42, Type: TypeAPI, Status: StatusFinished, CreatedBy: "terraform",
				BuildStart: "2026-02-20T08:15:00Z", BuildEnd: "2026-02-20T08:16:00+01:00", Log: "line 1\nline 2",
				Files:       []ImportFile{{ID: "1", FileGroupID: "2", FileGroup: "Users", Name: "users.csv"}},
				Metrics:     json.RawMessage(`{"a":[1.50],"b":1}`),
				Application: &Application{ID: appID, Name: "Silverlake", Priority: "High", IsArchived: &archived, LastUpdated: "2026-02-20T08:15:00"},
			},
		},
		"null everything": {
			body: `{"id":"` + importID + `","kind":null,"number":null,"type":null,"status":null,"createdBy":null,"buildStart":null,"buildEnd":null,
				"log":null,"files":null,"metrics":null,"application":null}`,
			want: ApplicationImport{ID: importID},
		},
		"other shapes": {
			body: `{"id":"` + importID + `","number":"forty","status":{"a":1},"type":[],"files":"none","log":{},"metrics":"none",
				"application":{"id":null}}`,
			want: ApplicationImport{ID: importID, Metrics: json.RawMessage(`"none"`), ApplicationUnreadable: true},
		},
		"other spellings": {
			body: "\xef\xbb\xbf" + `{"ID":"` + strings.ToUpper(importID) + `","tenant":{"x":[]},"type":"Api","status":"running","number":"7.0",
				"files":[]}`,
			want: ApplicationImport{ID: importID, Type: TypeAPI, Status: StatusRunning, Number: 7, Files: []ImportFile{}},
		},
		"times that are none": {
			body: `{"id":"` + importID + `","buildStart":"0001-01-01T00:00:00","buildEnd":"9999-12-31T23:59:59Z","application":"Silverlake"}`,
			want: ApplicationImport{ID: importID, ApplicationUnreadable: true},
		},
		"first and last time": {
			body: `{"id":"` + importID + `","buildStart":"2000-01-01T00:00:00","buildEnd":"2100-12-31"}`,
			want: ApplicationImport{ID: importID, BuildStart: "2000-01-01T00:00:00", BuildEnd: "2100-12-31"},
		},
		"unknown type and status, null in fields": {
			body: `{"id":"` + importID + `","type":"Replayed","status":"Paused","files":[{"id":null,"name":"a"}],
				"application":{"id":"` + appID + `","name":null,"isArchived":null}}`,
			want: ApplicationImport{
				ID: importID, Type: "Replayed", Status: "Paused", Files: []ImportFile{{Name: "a"}}, Application: &Application{ID: appID},
			},
		},
		"hostile": {
			body: strings.NewReplacer("EVIL", asJSON(hostile), "LONG", asJSON(long)).Replace(`{"id":"` + importID + `","type":EVIL,"status":EVIL,
				"createdBy":EVIL,"buildStart":EVIL,"buildEnd":LONG,"log":EVIL,"metrics":{EVIL:EVIL},
				"files":[{"id":EVIL,"fileGroupId":EVIL,"fileGroup":EVIL,"name":EVIL}],
				"application":{"id":"` + appID + `","name":EVIL,"priority":EVIL,"lastUpdated":EVIL}}`),
			want: ApplicationImport{
				ID: importID, Type: clean, Status: Status(clean), CreatedBy: clean, BuildStart: clean, BuildEnd: strings.Repeat("x", 199) + "…",
				Log:         strings.Replace(clean, "a ", "a\n", 1),
				Metrics:     json.RawMessage(strings.ReplaceAll(`{"KEY":"KEY"}`, "KEY", strings.ReplaceAll(clean, `\`, `\\`))),
				Files:       []ImportFile{{ID: clean, FileGroupID: clean, FileGroup: clean, Name: clean}},
				Application: &Application{ID: appID, Name: clean, Priority: clean, LastUpdated: clean},
			},
		},
	} {
		got, err := newTestClient(t, responding(replyJSON(200, test.body))).GetApplicationImport(t.Context(), importID)
		if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Application{})); err != nil || diff != "" {
			t.Errorf("%s: %v, the import (-want +got):\n%s", name, err, diff)
		}
	}
}

// Only a GUID becomes part of a path.
func TestGet_otherIDs(t *testing.T) {
	t.Parallel()

	r := responding(replyHTML(500))
	c := newTestClient(t, r)
	for _, id := range []string{"", "..", "../applications", importID + "?x", "%2e%2e", importID + "\n"} {
		_, errGet := c.GetApplicationImport(t.Context(), id)
		_, errCancel := c.CancelApplicationImport(t.Context(), id)
		_, errLatest := c.LatestApplicationImport(t.Context(), id)
		_, errApp := c.GetApplication(t.Context(), id)
		_, errRequest := c.GetAccessRequest(t.Context(), id)
		if errGet == nil || errCancel == nil || errLatest == nil || errApp == nil || errRequest == nil || len(r.recorded()) != 0 {
			t.Errorf("%q: %v, %v, %v, %v, %v, %v", id, errGet, errCancel, errLatest, errApp, errRequest, r.recorded())
		}
	}
}

func TestCancelApplicationImport(t *testing.T) {
	t.Parallel()

	s := newSandbox(t, sandbox.Options{})
	c := newTestClient(t, s)
	added := s.AddImport(sandbox.Import{Status: sandbox.StatusPending})
	imp, err := c.CancelApplicationImport(t.Context(), strings.ToUpper(added.ID))
	if err != nil || imp.Status != StatusCanceling || imp.Number != added.Number {
		t.Errorf("%+v, %v", imp, err)
	}
	request, body := s.Requests()[0], `{"applicationImportId":"`+strings.ToUpper(added.ID)+`"}`
	header := http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}}
	if diff := cmp.Diff(header, request.Header); diff != "" || !request.Authorized || string(request.Body) != body {
		t.Errorf("the body is %s, want %s; header (-want +got):\n%s", request.Body, body, diff)
	}
	_, err = c.CancelApplicationImport(t.Context(), added.ID)
	wantErrorIs(t, err, ErrConflict)
	wantErrorIs(t, cancelImport(t.Context(), c), ErrNotFound)
}

// A 2xx is success, unless it is a web page, broken, an error or about another
// import.
func TestCancelApplicationImport_responses(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		respond http.HandlerFunc
		good    bool
	}{
		"the import":            {replyJSON(200, importJSON(strings.ToUpper(importID))), true},
		"200 empty":             {reply(200, "", ""), true},
		"200 {}":                {replyJSON(200, "{}"), true},
		"200 text":              {reply(200, "text/plain", "OK"), true},
		"204":                   {reply(204, "", ""), true},
		"login page":            {replyHTML(200), false},
		"half of the JSON":      {replyJSON(200, `{"id":"5e6f`), false},
		"an error with 200":     {replyJSON(200, envelopeJSON("server_error", "Down")), false},
		"page after blanks":     {reply(200, "", "\r\n <!DOCTYPE html>"), false},
		"page with a BOM":       {reply(200, "", "\xef\xbb\xbf<html>"), false},
		"another import":        {replyJSON(200, importJSON(unknownID)), false},
		"the API's own refusal": {replyJSON(400, envelopeJSON("validation_error", "No")), false},
	} {
		imp, err := newTestClient(t, responding(test.respond)).CancelApplicationImport(t.Context(), importID)
		if (err == nil) != test.good || test.good && !SameGUID(imp.ID, importID) {
			t.Errorf("%s: %+v, %v", name, imp, err)
		}
	}
}

// Two witnesses must agree twice that an import is gone, unless it is young.
func TestRefreshApplicationImport_twoWitnesses(t *testing.T) {
	t.Parallel()

	notFound := replyJSON(404, envelopeJSON("not_found", "Gone"))
	const item = `{"id":"` + importID + `"}` // what never changes and is not reported is known
	found, listed, unlisted, after := replyJSON(200, item), listOf(item), listOf(), 5*time.Second
	forbidden, noList := replyHTML(403), replyHTML(404)
	for name, test := range map[string]struct {
		one, list   http.Handler
		want        error // nil: the import
		ones, lists int
		age, after  time.Duration
	}{
		"found":                   {one: found, ones: 1, age: time.Hour},
		"absent from the list":    {one: notFound, list: unlisted, want: ErrGone, ones: 2, lists: 4, after: after},
		"absent, found after":     {one: responding(notFound, found), list: unlisted, ones: 2, lists: 2, after: after},
		"absent, listed after":    {one: notFound, list: responding(unlisted, unlisted, listed), ones: 2, lists: 3, after: after},
		"absent, young":           {one: notFound, list: unlisted, age: 10*time.Minute - 1, want: ErrNotVisible, ones: 1},
		"absent, old":             {one: notFound, list: unlisted, age: 10 * time.Minute, want: ErrGone, ones: 2, lists: 4, after: after},
		"still listed":            {one: notFound, list: listed, ones: 1, lists: 1},
		"the list fails":          {one: notFound, list: forbidden, want: ErrForbidden, ones: 1, lists: 1},
		"no list, again":          {one: notFound, list: noList, want: ErrGone, ones: 2, lists: 2, after: after},
		"no list, found after":    {one: responding(notFound, found), list: noList, ones: 2, lists: 1, after: after},
		"no list, fails after":    {one: responding(notFound, forbidden), list: noList, want: ErrForbidden, ones: 2, lists: 1, after: after},
		"no endpoint, listed":     {one: replyHTML(404), list: listed, ones: 1, lists: 1},
		"no endpoint, not listed": {one: replyHTML(404), list: unlisted, want: ErrNotListed, ones: 1, lists: 2},
		"refused":                 {one: replyHTML(401), want: ErrUnauthorized, ones: 1},
	} {
		inBubble(t, name, func(t *testing.T) {
			server := &fakeServer{one: test.one, list: test.list}
			known := ApplicationImport{ID: importID, Number: 42, Type: TypeAPI, CreatedBy: "terraform", Application: &Application{ID: appID}}
			if test.age > 0 {
				known.StagedAt = time.Now().Add(-test.age)
			}
			start := time.Now()
			imp, err := newTestClient(t, server).RefreshApplicationImport(t.Context(), known)
			if diff := cmp.Diff(known, imp, cmpopts.IgnoreUnexported(Application{})); test.want == nil && (err != nil || diff != "") {
				t.Errorf("%v, the import (-want +got):\n%s", err, diff)
			}
			if test.want != nil && (!errors.Is(err, test.want) || errors.Is(err, ErrGone) != errors.Is(test.want, ErrGone)) {
				t.Errorf("the error is %v, want %v", err, test.want)
			}
			if server.ones != test.ones || server.lists != test.lists {
				t.Errorf("%d reads of the import, want %d; %d of the list, want %d", server.ones, test.ones, server.lists, test.lists)
			}
			wantElapsed(t, start, test.after, test.after)
		})
	}

	inBubble(t, "canceled between the two", func(t *testing.T) {
		server := &fakeServer{one: notFound, list: noList}
		_, err := newTestClient(t, server).RefreshApplicationImport(cancelAfter(t, time.Second), ApplicationImport{ID: importID})
		wantErrorIs(t, err, context.Canceled)
	})
}

// A log of 20 MiB hides no status: it comes from the list, which has no log.
func TestApplicationImport_logTooLarge(t *testing.T) {
	t.Parallel()

	huge := replyJSON(200, `{"id":"`+importID+`","status":"Failed","log":"`+strings.Repeat("x", 20<<20)+`"}`)
	const item = `{"id":"` + importID + `","number":42,"status":"Failed"}`
	known := ApplicationImport{ID: importID, Number: 42, Status: StatusRunning, Application: &Application{ID: appID}}

	for name, read := range map[string]func(context.Context, *Client) (ApplicationImport, error){
		"get": func(ctx context.Context, c *Client) (ApplicationImport, error) {
			return c.GetApplicationImport(ctx, importID)
		},
		"latest": func(ctx context.Context, c *Client) (ApplicationImport, error) {
			return c.LatestApplicationImport(ctx, appID)
		},
		"wait": func(ctx context.Context, c *Client) (ApplicationImport, error) {
			return c.WaitForApplicationImport(ctx, known, nil)
		},
	} {
		inBubble(t, name, func(t *testing.T) {
			start, server := time.Now(), &fakeServer{one: huge, list: listOf(item)}
			imp, err := read(t.Context(), newTestClient(t, server))
			if err != nil || imp.Status != StatusFailed || imp.Number != 42 || !imp.LogTooLarge || imp.Log != "" || server.ones != 1 {
				t.Errorf("%+v, %v, %d requests", imp, err, server.ones)
			}
			wantElapsed(t, start, 0, time.Second)
		})
	}

	// If the list does not help, the wait ends all the same.
	for name, list := range map[string]http.HandlerFunc{
		"no list": replyHTML(404), "list too large": reply(200, "", strings.Repeat(" ", maxPageBytes+1)),
	} {
		inBubble(t, name, func(t *testing.T) {
			start := time.Now()
			_, err := newTestClient(t, &fakeServer{one: huge, list: list}).WaitForApplicationImport(t.Context(), known, nil)
			wantErrorIs(t, err, ErrTooLarge)
			wantElapsed(t, start, 0, time.Second)
		})
	}
}

// A response with a log that is too large is not the end of a cancel or of an
// application.
func TestTooLarge_otherResponses(t *testing.T) {
	t.Parallel()

	huge := reply(200, "application/json", strings.Repeat(" ", maxImportBytes+1))
	if imp, err := newTestClient(t, responding(huge)).CancelApplicationImport(t.Context(), importID); err != nil || imp.ID != importID {
		t.Errorf("%+v, %v", imp, err)
	}
	server := &fakeServer{one: huge, list: listOf(`{"id":"` + appID + `","name":"Silverlake"}`)}
	if app, err := newTestClient(t, server).GetApplication(t.Context(), appID); err != nil || app.Name != "Silverlake" {
		t.Errorf("%+v, %v", app, err)
	}
}

// A log can be megabytes: it is decoded only if the import ended without
// success.
func TestRefreshApplicationImport_log(t *testing.T) {
	t.Parallel()

	for status, log := range map[Status]string{
		StatusRunning: "", StatusFinished: "", StatusFailed: "the log", StatusCanceled: "the log", "Paused": "", "Aborted": "the log",
	} {
		body := `{"id":"` + importID + `","status":"` + string(status) + `","log":"the log"`
		if status == "Aborted" {
			body += `,"buildEnd":"2026-02-20T08:15:00Z"`
		}
		imp, err := newTestClient(t, responding(replyJSON(200, body+"}"))).RefreshApplicationImport(t.Context(), ApplicationImport{ID: importID})
		if err != nil || imp.Log != log {
			t.Errorf("%s: the log is %q, %v", status, imp.Log, err)
		}
	}
}

func numbersOf(imports []ApplicationImport) []int64 {
	var numbers []int64
	for _, imp := range imports {
		numbers = append(numbers, imp.Number)
	}
	return slices.Clip(numbers)
}
