package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	coreID    = "11111111-1111-4111-8111-11111111aaaa"
	fileID    = "22222222-2222-4222-8222-22222222bbbb"
	unknownID = "99999999-9999-4999-8999-99999999ffff"
	usersID   = "33333333-3333-4333-8333-33333333cccc"
	rolesID   = "44444444-4444-4444-8444-44444444dddd"

	importsPath = "/api/application-imports"
	stagePath   = importsPath + "/stage"
	cancelPath  = importsPath + "/cancel"
)

var (
	guid          = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	correlationID = regexp.MustCompile(`^[0-9a-f]{32}$`)
	updated       = time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
)

func coreApplication() sandbox.Application {
	return sandbox.Application{ID: coreID, Name: "Jack Henry Silverlake", Priority: "High", LastUpdated: updated}
}

func fileApplication() sandbox.Application {
	return sandbox.Application{
		ID: fileID, Name: "Verafin", Priority: "Low", LastUpdated: updated,
		FileGroups: []sandbox.FileGroup{{ID: usersID, Name: "Users", Required: true}, {ID: rolesID, Name: "Roles"}},
	}
}

// newServer returns a server, with two applications unless o has others. Its
// build job is held unless builds take time.
func newServer(t *testing.T, o sandbox.Options) *sandbox.Server {
	t.Helper()
	if o.Applications == nil {
		o.Applications = []sandbox.Application{coreApplication(), fileApplication()}
	}
	s := sandbox.New(o)
	t.Cleanup(s.Close)
	if o.BuildTime == 0 {
		s.HoldBuilds()
	}
	return s
}

// reply is a response with its JSON body decoded.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any // nil if it is not a JSON object
}

// field returns the text of a field, or "" if it is not a text.
func (r reply) field(name string) string {
	text, _ := r.body[name].(string)
	return text
}

// items returns the items of a list.
func (r reply) items() []map[string]any {
	var all []map[string]any
	items, _ := r.body["items"].([]any)
	for _, item := range items {
		object, _ := item.(map[string]any)
		all = append(all, object)
	}
	return all
}

func newRequest(method, path, contentType, body string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

func serve(s *sandbox.Server, r *http.Request) reply {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	got := reply{status: w.Code, header: w.Header(), text: w.Body.String()}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		_ = json.Unmarshal(w.Body.Bytes(), &got.body)
	}
	return got
}

func get(s *sandbox.Server, path string) reply {
	return serve(s, newRequest(http.MethodGet, path, "", ""))
}

func post(s *sandbox.Server, path, body string) reply {
	return serve(s, newRequest(http.MethodPost, path, "application/json", body))
}

func stageRequest(application string) string { return `{"applicationId":"` + application + `"}` }

func stage(t *testing.T, s *sandbox.Server, application string) sandbox.Import {
	t.Helper()
	got := post(s, stagePath, stageRequest(application))
	i, ok := s.Import(got.field("id"))
	if got.status != http.StatusCreated || !ok {
		t.Fatalf("stage: %d %s", got.status, got.text)
	}
	return i
}

func cancel(s *sandbox.Server, id string) reply {
	return post(s, cancelPath, `{"applicationImportId":"`+id+`"}`)
}

// wantError checks that a response is the API's error envelope with some
// fragments.
func wantError(t *testing.T, got reply, status int, code string, fragments ...string) {
	t.Helper()
	if got.status != status || got.field("error") != code || !correlationID.MatchString(got.field("correlationId")) {
		t.Fatalf("got %d %s, want an envelope with %d %s", got.status, got.text, status, code)
	}
	for _, fragment := range fragments {
		if !strings.Contains(got.text, fragment) {
			t.Errorf("no %q in %s", fragment, got.text)
		}
	}
}

// wantPage checks that a response comes from the web server, not from the API.
func wantPage(t *testing.T, got reply, status int) {
	t.Helper()
	if got.status != status || got.header.Get("Content-Type") != "text/html" || strings.Contains(got.text, "correlationId") {
		t.Errorf("got %d %v %s, want an HTML page with %d", got.status, got.header, got.text, status)
	}
}

// wantStatuses checks the statuses of all imports, by number.
func wantStatuses(t *testing.T, s *sandbox.Server, when, want string) {
	t.Helper()
	var all []string
	for _, i := range s.Imports() {
		all = append(all, i.Status)
	}
	if got := strings.Join(all, " "); got != want {
		t.Errorf("%s: the statuses are %s, want %s", when, got, want)
	}
}

// wantNumbers checks the numbers of the items of a list.
func wantNumbers(t *testing.T, s *sandbox.Server, path, want string) {
	t.Helper()
	var all []string
	for _, item := range get(s, path).items() {
		all = append(all, fmt.Sprint(item["number"]))
	}
	if got := strings.Join(all, " "); got != want {
		t.Errorf("%s: the numbers are %s, want %s", path, got, want)
	}
}

// after lets time pass and waits for the build job.
func after(d time.Duration) {
	<-time.After(d) // fake time: it is only called in synctest bubbles
	synctest.Wait()
}
