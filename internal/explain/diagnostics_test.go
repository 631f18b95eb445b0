package explain_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

var errBroke = errors.New("connection broke")

type (
	response   = permissionassist.Response
	unexpected = permissionassist.UnexpectedResponseError
)

func apiError(status int, code string) *permissionassist.APIError {
	return &permissionassist.APIError{
		Request: permissionassist.Request{Method: "POST", Path: "/api/x"}, Response: response{StatusCode: status},
		Code: code, Message: "Out of order",
	}
}

// importsFrom returns n imports with numbers and IDs from 1.
func importsFrom(n int) []permissionassist.ApplicationImport {
	var imports []permissionassist.ApplicationImport
	for i := 1; i <= n; i++ {
		imports = append(imports, permissionassist.ApplicationImport{ID: fmt.Sprintf("id-%d", i), Number: int64(i), Status: "Pending"})
	}
	return imports
}

func wantFragments(t *testing.T, text string, want []string, not ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in:\n%s", w, text)
		}
	}
	for _, n := range not {
		if strings.Contains(text, n) {
			t.Errorf("%q is out of place in:\n%s", n, text)
		}
	}
}

func TestWhatHappened(t *testing.T) {
	t.Parallel()

	full := apiError(400, "validation_error")
	full.CorrelationID = "c0ffee"
	for i := range 25 {
		full.Fields = append(full.Fields, permissionassist.FieldError{Field: fmt.Sprintf("field%d", i), Message: "Bad"})
	}

	for name, tc := range map[string]struct {
		err       error
		want, not []string
	}{
		"API": {
			full,
			[]string{
				"reports:\n| Out of order\n", "| - field19: Bad", "| and 5 more", "Request: POST /api/x", "Response: 400 validation_error",
				"Correlation ID: c0ffee",
			},
			[]string{"field20"},
		},
		"no correlation ID": {apiError(500, "server_error"), []string{"| Out of order"}, []string{"Correlation"}},
		"other":             {errBroke, []string{"Connection broke."}, nil},
		"interrupted":       {fmt.Errorf("GET: %w", context.Canceled), []string{"Terraform was interrupted."}, []string{"GET"}},
		"not staged": {
			&staging.Error{Outcome: staging.NotStaged, Err: apiError(422, "unprocessable_entity")},
			[]string{"| Out of order", "Nothing was staged."}, []string{"may have been"},
		},
		"not staged, searched": {
			&staging.Error{Outcome: staging.NotStaged, Searched: true, Err: errBroke},
			[]string{"as far as a search of 2 seconds shows"}, []string{"Nothing was staged."},
		},
		"uncertain": {
			&staging.Error{Outcome: staging.Uncertain, Err: errBroke},
			[]string{"Connection broke.", "may be staged later"}, []string{"Nothing was staged"},
		},
		"uncertain, not searched": {
			&staging.Error{Outcome: staging.Uncertain, Err: errBroke, SearchErr: errors.New("list is down")},
			[]string{"Connection broke.", "may have been staged", "List is down."}, []string{"Nothing was staged"},
		},
		"ambiguous, one": {
			&staging.Error{Outcome: staging.Ambiguous, Err: errBroke, Candidates: importsFrom(1)},
			[]string{"Connection broke.", "one new import", "\n| #1, Pending, ID id-1"}, []string{"Nothing was staged"},
		},
		"ambiguous, many": {
			&staging.Error{Outcome: staging.Ambiguous, Err: errBroke, Candidates: importsFrom(25)},
			[]string{"more than one new import", "\n| #20, Pending, ID id-20", "\n| and 5 more"}, []string{"id-21"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFragments(t, explain.WhatHappened(tc.err), tc.want, tc.not...)
		})
	}
}

// An error points to the attribute that caused it. A file group keeps the
// spelling of the configuration.
func TestAddError_attribute(t *testing.T) {
	t.Parallel()

	const given, missing = "7C0E1A52-6b1f-4aaa-8bbb-0123456789ab", "8d1f2b63-7c2a-4aaa-8bbb-0123456789ab"

	field := func(name string) error {
		err := apiError(400, "validation_error")
		err.Fields = []permissionassist.FieldError{{Field: "other"}, {Field: name}}
		return &staging.Error{Outcome: staging.NotStaged, Err: err}
	}

	for name, tc := range map[string]struct {
		err    error
		groups []string
		want   path.Path
	}{
		"application":          {field("applicationId"), nil, path.Root("application_id")},
		"file":                 {field(strings.ToLower(given)), []string{given}, path.Root("files").AtMapKey(given)},
		"file that is missing": {field(missing), []string{given}, path.Root("files")},
		"GUID without files":   {field(missing), nil, path.Empty()},
		"unreadable file":      {&permissionassist.FileError{FileGroupID: given, Err: errBroke}, nil, path.Root("files").AtMapKey(given)},
		"other field":          {field("identity.firstName"), []string{given}, path.Empty()},
		"no field":             {apiError(401, "unauthorized"), nil, path.Empty()},
		"no API error":         {errBroke, nil, path.Empty()},
	} {
		var diags diag.Diagnostics
		explain.AddError(&diags, "x", tc.err, explain.Advice{FileGroups: tc.groups})

		got := path.Empty()
		if at, ok := diags[0].(diag.DiagnosticWithPath); ok {
			got = at.Path()
		}
		if !got.Equal(tc.want) {
			t.Errorf("%s: the path is %s, want %s", name, got, tc.want)
		}
	}
}
