package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// TestAccServerReport describes a server, to settle what is inferred about the
// API. It only reads. The report has paths, statuses, field names and the shape
// of values, but no value except those of a few enumerations.
func TestAccServerReport(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}

	// Reading needs no application.
	tg := target{endpoint: os.Getenv("PERMISSIONASSIST_ENDPOINT"), token: os.Getenv("PERMISSIONASSIST_TOKEN")}
	if tg.endpoint == "" || tg.token == "" {
		t.Log("PERMISSIONASSIST_ENDPOINT and PERMISSIONASSIST_TOKEN are not both set: this is a report of the sandbox")
		tg = newSandboxTarget(t, sandbox.Options{})
		tg.sandbox.AddImport(sandbox.Import{ApplicationID: tg.applicationID})
	}
	endpoint, err := permissionassist.ParseEndpoint(tg.endpoint, false)
	if err != nil {
		t.Fatal(err)
	}
	r := &serverReport{base: strings.TrimSuffix(strings.TrimSuffix(endpoint.String(), "/"), "/api") + "/api", token: tg.token}

	for _, list := range []string{"applications", "application-imports", "identities", "access-requests", "personnel-events"} {
		first := r.describe(t.Context(), "/"+list, "/"+list+"?page=1")
		if guidValue.MatchString(first) {
			r.describe(t.Context(), "/"+list+"/{id}", "/"+list+"/"+first)
		}
		r.describe(t.Context(), "/"+list+"/{an unknown id}", "/"+list+"/00000000-0000-4000-8000-000000000000")
	}

	t.Logf("Report of the server, without values that identify anything:\n%s", &r.text)
	if tg.sandbox == nil {
		return
	}

	for _, secret := range []string{tg.token, appID, appName, "127.0.0.1"} {
		if strings.Contains(r.text.String(), secret) {
			t.Errorf("the report contains %s", secret)
		}
	}
	for _, want := range []string{"GET /api/application-imports/{id}: 200", "status: Finished", "buildEnd: 0000-00-00T00:00:00"} {
		if !strings.Contains(r.text.String(), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}

// serverReport reads a server and collects the report.
type serverReport struct {
	base, token string
	text        strings.Builder
}

// describe adds a request and its response to the report. It returns the ID of
// the first item of a list.
func (r *serverReport) describe(ctx context.Context, shown, path string) string {
	status, contentType, body, err := r.get(ctx, path)
	if err != nil {
		fmt.Fprintf(&r.text, "GET /api%s: no response\n", shown)
		return ""
	}
	fmt.Fprintf(&r.text, "GET /api%s: %d %s\n", shown, status, contentType)

	var content map[string]any
	if json.Unmarshal(body, &content) != nil {
		r.text.WriteString("  not a JSON object\n")
		return ""
	}
	items, isList := content["items"].([]any)
	if !isList {
		r.fields("  ", content)
		return ""
	}

	id := ""
	for i, item := range items {
		fields, _ := item.(map[string]any)
		if i == 0 {
			r.fields("  ", fields)
			id, _ = fields["id"].(string)
		}
		if fields["buildStart"] == nil && slices.Contains([]any{"Pending", "Canceling"}, fields["status"]) {
			fmt.Fprintf(&r.text, "  item %d of %d has no buildStart\n", i+1, len(items))
		}
	}
	return id
}

// get reads a path. It follows no redirect, so that the token goes nowhere
// else.
func (r *serverReport) get(ctx context.Context, path string) (int, string, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+path, nil)
	if err != nil {
		return 0, "", nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	mediaType, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if !regexp.MustCompile(`^[a-z]+/[a-z+.-]+$`).MatchString(mediaType) {
		mediaType = "(no usual content type)"
	}
	return resp.StatusCode, mediaType, body, err
}

// enumerations are the fields whose values the report shows, if they are words.
var (
	enumerations = []string{"kind", "type", "status", "action", "priority", "error"}
	word         = regexp.MustCompile(`^[A-Za-z_ ]{1,30}$`)
	timeValue    = regexp.MustCompile(`^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-][\d:]+)?$`)
	guidValue    = regexp.MustCompile(`^[0-9A-Fa-f-]{36}$`)
	digit        = regexp.MustCompile(`\d`)
	fieldName    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,40}$`)
)

// fields adds the fields of an object and what their values look like.
func (r *serverReport) fields(indent string, object map[string]any) {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)

	for _, name := range names {
		if !fieldName.MatchString(name) {
			continue // data, such as the names of people as keys
		}
		switch value := object[name].(type) {
		case map[string]any:
			if name == "metrics" {
				value = nil // of undocumented shape: its keys can be data
			}
			fmt.Fprintf(&r.text, "%s%s:\n", indent, name)
			r.fields(indent+"  ", value)
		case string:
			fmt.Fprintf(&r.text, "%s%s: %s\n", indent, name, shape(name, value))
		default:
			fmt.Fprintf(&r.text, "%s%s: %T\n", indent, name, value)
		}
	}
}

// shape describes a text without repeating it.
func shape(field, value string) string {
	switch {
	case slices.Contains(enumerations, field) && word.MatchString(value):
		return value
	case timeValue.MatchString(value):
		return digit.ReplaceAllString(value, "0")
	default:
		return "text"
	}
}
