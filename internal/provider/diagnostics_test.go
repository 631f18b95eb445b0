package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// Every error of the client gets a next step, and the API's own words.
func TestAddClientError(t *testing.T) {
	t.Parallel()

	api := func(status int, code string) *permissionassist.APIError {
		return &permissionassist.APIError{
			StatusCode: status, Code: code, Message: "the API's own words", CorrelationID: "c0ffee", Method: "POST", Path: "/api/x",
		}
	}
	request := func(err error) error {
		return &permissionassist.RequestError{Method: "GET", Path: "/api/x", Attempts: 5, Err: err}
	}
	unexpected := &permissionassist.UnexpectedResponseError{StatusCode: 502, ContentType: "text/html", Excerpt: "<html>", Reason: "not the API"}
	apiParts := []string{"Permission Assist says: the API's own words", "Correlation ID: c0ffee", "Request: POST /api/x"}

	for name, tc := range map[string]struct {
		err  error
		want []string
	}{
		"400":         {api(400, "validation_error"), append(apiParts, "Correct what Permission Assist complains about")},
		"401":         {api(401, "unauthorized"), append(apiParts, "PERMISSIONASSIST_TOKEN")},
		"403":         {api(403, "forbidden"), append(apiParts, "Ask an administrator")},
		"404":         {api(404, "not_found"), append(apiParts, "Check the ID")},
		"409":         {api(409, "conflict"), append(apiParts, "terraform plan")},
		"422":         {api(422, "unprocessable_entity"), append(apiParts, "Import Privileges > Schedule")},
		"429":         {api(429, "too_many_requests"), append(apiParts, "-parallelism")},
		"500":         {api(500, "server_error"), append(apiParts, "vendor's support")},
		"not the API": {unexpected, []string{"HTTP status 502", "<html>", "PERMISSIONASSIST_ENDPOINT", "Nothing in the state was changed."}},
		"redirect": {
			&permissionassist.UnexpectedResponseError{StatusCode: 302, Location: "https://login.example.com/", Reason: "redirects"},
			[]string{"https://login.example.com/", "login page"},
		},
		"missing API": {&permissionassist.MissingAPIError{API: "GET /api/x", Err: unexpected}, []string{"lacks GET /api/x", "too old"}},
		"not listed":  {fmt.Errorf("import x: %w", permissionassist.ErrNotListed), []string{"no proof", "terraform state rm"}},
		"interrupted": {request(context.Canceled), []string{"interrupted"}},
		"deadline":    {request(context.DeadlineExceeded), []string{"in 5 attempts", "time-out of the whole operation"}},
		"certificate": {request(&tls.CertificateVerificationError{Err: errors.New("unknown authority")}), []string{"ca_cert_file"}},
		"plain http":  {request(http.ErrSchemeMismatch), []string{"plain http"}},
		"too slow":    {request(permissionassist.ErrRequestTimeout), []string{"request_timeout"}},
		"no such host": {
			request(&net.OpError{Op: "dial", Err: &net.DNSError{Name: "pa.example.com", Err: "no such host", IsNotFound: true}}),
			[]string{"no such host", "server's name"},
		},
		"certificate asked for": {
			request(&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}), []string{"certificate required", "client_cert_file"},
		},
		"posted often": {
			&permissionassist.UncertainStageError{ApplicationID: "a", Posts: 3, Err: unexpected}, []string{"posted 3 times", "up to 3 imports"},
		},
		"refused":   {request(errors.New("connection refused")), []string{"connection refused", "can be reached"}},
		"uncertain": {&permissionassist.UncertainStageError{ApplicationID: "a", Err: unexpected}, []string{"terraform import ADDRESS ID", "Nothing was posted again"}},
		"ambiguous": {
			&permissionassist.AmbiguousStageError{Err: unexpected, Candidates: []permissionassist.Import{
				{ID: "id-1", Number: 7, Status: "Pending"}, {ID: "id-2", Number: 8, Status: "Running\x1b"},
			}},
			[]string{"#7, Pending, ID id-1", `#8, Running\x1b, ID id-2`, "terraform import ADDRESS ID", "do not apply again"},
		},
		"not staged": {&permissionassist.NotStagedError{Err: unexpected}, []string{"Nothing was staged."}},
		"other":      {errors.New("something else"), []string{"Something else."}},
		"interrupted while it waits for its turn": {
			&permissionassist.NotStagedError{Err: fmt.Errorf("waiting: %w", context.Canceled)}, []string{"Terraform was interrupted"},
		},
		"too late while it waits for its turn": {
			&permissionassist.NotStagedError{Err: fmt.Errorf("waiting: %w", context.DeadlineExceeded)},
			[]string{"Nothing was staged.", "time-out of the whole operation"},
		},
		"busy": {
			&permissionassist.APIError{StatusCode: 503, Code: "server_error", RetryAfter: 10 * time.Minute}, []string{"busy and asks to wait 10m0s."},
		},
		"something before it is busy": {
			&permissionassist.UnexpectedResponseError{StatusCode: 503, RetryAfter: 10 * time.Minute}, []string{"busy and asks to wait 10m0s."},
		},
		"busy, without a time": {api(503, "server_error"), []string{"The server is busy. Apply"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var diags diag.Diagnostics

			addClientError(&diags, "What did not work", tc.err, "One more thing.")

			if len(diags) != 1 || diags[0].Summary() != "What did not work" {
				t.Fatalf("diagnostics: %v", diags)
			}

			for _, want := range append(tc.want, "One more thing.") {
				if !strings.Contains(diags[0].Detail(), want) {
					t.Errorf("%q is missing in:\n%s", want, diags[0].Detail())
				}
			}
		})
	}
}

func TestAddClientError_blamesTheAttribute(t *testing.T) {
	t.Parallel()

	var diags diag.Diagnostics

	addClientError(&diags, "What did not work", &permissionassist.NotStagedError{Err: &permissionassist.APIError{
		StatusCode: 400, Code: "validation_error", Message: "One or more validation errors occurred",
		Fields: []permissionassist.FieldError{{Field: "other", Message: "?"}, {Field: "applicationId", Message: "Application is archived"}},
	}})

	blamed, ok := diags[0].(diag.DiagnosticWithPath)
	if !ok || !blamed.Path().Equal(path.Root("application_id")) {
		t.Errorf("the diagnostic is %#v", diags[0])
	}

	if !strings.Contains(diags[0].Detail(), "  - applicationId: Application is archived") {
		t.Error(diags[0].Detail())
	}
}

func TestAddStageError(t *testing.T) {
	t.Parallel()

	for want, err := range map[string]error{
		"Staging was interrupted":    &permissionassist.NotStagedError{Err: context.Canceled},
		"Import could not be staged": &permissionassist.NotStagedError{Err: errors.New("x")},
		"Import may have been staged": &permissionassist.UncertainStageError{
			Err: errors.New("x"), Look: context.Canceled,
		},
	} {
		var diags diag.Diagnostics

		addStageError(&diags, err)

		if len(diags) != 1 || diags[0].Summary() != want {
			t.Errorf("diagnostics: %v, want %s", diags, want)
		}
	}
}

// A staging that succeeds at the second POST leaves a doubt about the first.
func TestAddStagedWarnings(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		imp  permissionassist.Import
		want []string
	}{
		"plain":           {permissionassist.Import{ID: "id-1", Number: 7, Posts: 1}, nil},
		"found":           {permissionassist.Import{ID: "id-1", Number: 7, Posts: 1, Recovered: errors.New("broke")}, []string{"found after", "ID id-1", "Broke."}},
		"posted twice":    {permissionassist.Import{ID: "id-1", Number: 7, Posts: 2}, []string{"posted more than once", "ID id-1", "up to 2 in all"}},
		"found the third": {permissionassist.Import{ID: "id-1", Posts: 3, Recovered: errors.New("broke")}, []string{"found after", "posted 3 times", "up to 3 in all"}},
	} {
		var diags diag.Diagnostics

		addStagedWarnings(&diags, tc.imp)

		if len(diags) != min(len(tc.want), 1) || diags.HasError() {
			t.Errorf("%s: diagnostics: %v", name, diags)

			continue
		}

		for _, want := range tc.want {
			if said := diags[0].Summary() + diags[0].Detail(); !strings.Contains(said, want) {
				t.Errorf("%s: %q is missing in: %s", name, want, said)
			}
		}
	}
}

func TestLastLines(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"":                         "",
		"\n \n":                    "",
		"one":                      "one",
		"one\n\ntwo  \nthree\n":    "two|three",
		strings.Repeat("é", 501):   strings.Repeat("é", 500) + "…",
		"a\n" + "  indented\nlast": "  indented|last",
	} {
		if got := strings.Join(lastLines(text, 2), "|"); got != want {
			t.Errorf("lastLines(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestNormalizedJSON(t *testing.T) {
	t.Parallel()

	for raw, want := range map[string]string{
		` { "b": 1, "a": [ 2.50, 12345678901234567890 ] } `: `{"a":[2.50,12345678901234567890],"b":1}`,
		`"<&>"`: `"<&>"`,
		`5`:     `5`,
	} {
		if got := normalizedJSON([]byte(raw)); got.ValueString() != want {
			t.Errorf("normalizedJSON(%s) = %s, want %s", raw, got.ValueString(), want)
		}
	}

	for _, raw := range []string{"", "{"} {
		if got := normalizedJSON([]byte(raw)); !got.IsNull() {
			t.Errorf("normalizedJSON(%q) = %s, want null", raw, got)
		}
	}
}

func TestSimilarApplications(t *testing.T) {
	t.Parallel()

	var all []permissionassist.Application
	for _, name := range []string{"", "Jack Henry Silverlake", "Silverlake Archive", "Fiserv DNA", "Verafin", "Synergy"} {
		all = append(all, permissionassist.Application{Name: name})
	}

	for name, want := range map[string]string{
		"silverlake":            "Silverlake Archive|Jack Henry Silverlake",
		"Jack Henry Sliverlake": "Jack Henry Silverlake",
		"verafn":                "Verafin",
		"Sliverlake":            "Silverlake Archive|Jack Henry Silverlake",
		"fisrev":                "Fiserv DNA",
		"zzz":                   "",
		"Fiserv DNA (core)":     "Fiserv DNA",
	} {
		var got []string
		for _, app := range similarApplications(name, all) {
			got = append(got, app.Name)
		}

		if strings.Join(got, "|") != want {
			t.Errorf("similar to %q: %q, want %q", name, got, want)
		}
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{"oh no": "Oh no.", "Oh?": "Oh?", "élan.": "Élan."} {
		if got := sentence(errors.New(text)); got != want {
			t.Errorf("sentence(%q) = %q, want %q", text, got, want)
		}
	}
}

// What the API says of a file group is at the file, in the configuration's
// spelling; of one that has no file, at all of them.
func TestAddStageError_blamesTheFile(t *testing.T) {
	t.Parallel()

	const given, missing = "7C0E1A52-6b1f-4aaa-8bbb-0123456789ab", "8d1f2b63-7c2a-4aaa-8bbb-0123456789ab"

	for field, want := range map[string]path.Path{
		strings.ToLower(given): path.Root("files").AtMapKey(given),
		missing:                path.Root("files"),
		"applicationId":        path.Root("application_id"),
	} {
		var diags diag.Diagnostics

		addStageError(&diags, &permissionassist.NotStagedError{Err: &permissionassist.APIError{
			StatusCode: 400, Code: "validation_error", Message: "One or more validation errors occurred", Path: "/api/application-imports/upload",
			Fields: []permissionassist.FieldError{{Field: field, Message: "What is wrong"}},
		}}, given)

		blamed, ok := diags[0].(diag.DiagnosticWithPath)
		if !ok || !blamed.Path().Equal(want) {
			t.Errorf("%s: the diagnostic is %#v", field, diags[0])
		}

		for _, part := range []string{field + ": What is wrong", "Nothing was staged.", "Correct application_id or files"} {
			if !strings.Contains(diags[0].Detail(), part) {
				t.Errorf("%q is missing in:\n%s", part, diags[0].Detail())
			}
		}
	}
}

func TestAddStageError_ofUploads(t *testing.T) {
	t.Parallel()

	for want, err := range map[string]error{
		"maxAllowedContentLength": &permissionassist.NotStagedError{Err: &permissionassist.UnexpectedResponseError{
			StatusCode: 413, Path: "/api/application-imports/upload", Reason: "not the API",
		}},
		"once nothing writes to the file": &permissionassist.NotStagedError{Err: &permissionassist.FileError{
			FileGroupID: "g", Path: "users.csv", Err: permissionassist.ErrFileChanged,
		}},
		"may well be someone else's:\n  - #7, Pending, ID id-1": &permissionassist.AmbiguousStageError{
			Err: errors.New("broken off"), Candidates: []permissionassist.Import{{ID: "id-1", Number: 7, Status: "Pending"}},
		},
	} {
		var diags diag.Diagnostics

		addStageError(&diags, err, "g")

		if len(diags) != 1 || !strings.Contains(diags[0].Detail(), want) {
			t.Errorf("%q is missing in: %v", want, diags)
		}
	}
}
