package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const otherAppID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

// newListTarget returns a server with n finished imports and a running import
// of the application, and a pending import of another application.
func newListTarget(t *testing.T, n int, dialect sandbox.Dialect) target {
	t.Helper()
	tg := newSandboxTarget(t, sandbox.Options{Applications: []sandbox.Application{{ID: otherAppID, Name: "Other\x1b[31m"}}, Dialect: dialect})
	tg.sandbox.HoldBuilds()

	for range n {
		tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Finished"})
	}

	tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Running"})
	tg.sandbox.AddImport(sandbox.Import{ApplicationID: otherAppID, Status: "Pending"})
	return tg
}

func TestList(t *testing.T) {
	t.Parallel()

	running, pending := "#121 "+appName+" (Running)", `#122 Other\x1b[31m (Pending)`

	for name, tc := range map[string]struct {
		query query
		// n is the number of results; has are some of them.
		n, requests int
		has         []string
	}{
		"all":                {query{}, 122, 4, []string{running, pending, "#1 " + appName + " (Finished)"}},
		"of the application": {query{config: values{"application_id": str(strings.ToUpper(appID))}}, 121, 4, []string{running}},
		"of the other":       {query{config: values{"application_id": str(otherAppID)}}, 1, 1, []string{pending}},
		"of none":            {query{config: values{"application_id": str("11111111-2222-3333-4444-555555555555")}}, 0, 1, nil},
		"by status":          {query{config: values{"statuses": strs("running", "PENDING", "Paused")}}, 2, 4, []string{running, pending}},
		"both": {
			query{config: values{"statuses": strs("Pending"), "application_id": str(appID)}}, 0, 4, nil,
		},
		"limit within a page": {query{limit: 3}, 3, 1, nil},
		"limit of a page":     {query{limit: 50}, 50, 1, nil},
		"limit beyond a page": {query{limit: 51}, 51, 2, nil},
		"limit above all":     {query{limit: 1000}, 122, 4, nil},
		"limit of matches":    {query{limit: 1, config: values{"statuses": strs("Pending")}}, 1, 3, []string{pending}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newListTarget(t, 120, sandbox.Dialect{})
			p := configuredProtocol(t, tg)
			results, diags := p.list(tc.query)

			expectClean(t, diags)

			all := names(results)
			for _, want := range tc.has {
				if !slices.Contains(all, want) {
					t.Errorf("%q is missing", want)
				}
			}

			if len(results) != tc.n {
				t.Errorf("%d results, want %d: %q", len(results), tc.n, all)
			}

			ids := map[string]bool{}

			for _, r := range results {
				ids[p.identityID(r.Identity)] = true

				if r.Resource != nil {
					t.Error("the result has a resource without include_resource")
				}
			}

			if len(ids) != tc.n {
				t.Errorf("%d different results, want %d", len(ids), tc.n)
			}

			tg.expectCount(t, sandbox.OpListImports, tc.requests)
			tg.expectCount(t, sandbox.OpGetImport, 0)
		})
	}
}

// A listed resource has an empty plan, with the configuration that Terraform
// generates and with a minimal one.
func TestList_plansWithoutDifference(t *testing.T) {
	t.Parallel()

	for name, dialect := range map[string]sandbox.Dialect{
		"usual":                   {},
		"sparse responses":        {OmitApplication: true, OmitCreatedBy: true, OmitLog: true, OmitFiles: true, OmitMetrics: true, TimesWithoutZone: true},
		"without GET of one":      {NoGetImport: true},
		"upper case, more fields": {UpperCaseIDs: true, ExtraFields: true},
	} {
		for _, status := range []string{"Pending", "Running", "Paused", "Canceling", "Finished"} {
			t.Run(name+", "+status, func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{Dialect: dialect})
				tg.sandbox.HoldBuilds()
				imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: status})

				p := configuredProtocol(t, tg)
				results, diags := p.list(query{include: true, config: values{"application_id": str(appID)}})

				if text := details(diags); text != "" || len(results) != 1 {
					t.Fatalf("%d results\n%s", len(results), text)
				}

				found := p.state(results[0].Resource)
				if !strings.EqualFold(p.identityID(results[0].Identity), imp.ID) || !found["status"].Equal(str(status)) {
					t.Errorf("it is %v", found)
				}

				generated := values{}
				for _, a := range p.resourceSchema().Block.Attributes {
					if a.Optional || a.Required {
						generated[a.Name] = found[a.Name]
					}
				}

				for what, config := range map[string]values{"generated": generated, "minimal": {"application_id": str(appID)}} {
					p.expectNoDifference(what, found, config)
				}
			})
		}
	}
}

// expectNoDifference fails the test if reading or planning changes the state.
func (p *protocol) expectNoDifference(what string, state, config values) {
	p.t.Helper()
	read := p.read(state)
	if text := details(read.Diagnostics); text != "" {
		p.t.Errorf("%s: %s", what, text)
	}

	if diff := cmp.Diff(state, p.state(read.NewState)); diff != "" {
		p.t.Errorf("%s: reading it changes it: %s", what, diff)
	}

	plan := p.plan(state, config)
	if text := details(plan.Diagnostics); text != "" || len(plan.RequiresReplace) > 0 {
		p.t.Errorf("%s: %v\n%s", what, plan.RequiresReplace, text)
	}

	if diff := cmp.Diff(state, p.state(plan.PlannedState)); diff != "" {
		p.t.Errorf("%s: there is a difference: %s", what, diff)
	}
}

// If the server does not report the application of an import, the resource has
// the ID in the filter.
func TestList_applicationGone(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Finished"})
	tg.sandbox.RemoveApplication(appID)

	p := configuredProtocol(t, tg)
	results, diags := p.list(query{include: true, config: values{"application_id": str(appID)}})

	if text := details(diags); text != "" || len(results) != 1 {
		t.Fatalf("%d results\n%s", len(results), text)
	}

	found := p.state(results[0].Resource)
	if results[0].DisplayName != "#1 (Finished)" || !found["application_id"].Equal(str(appID)) || !found["application_name"].IsNull() {
		t.Errorf("%q is %v", results[0].DisplayName, found)
	}
}

func TestList_faults(t *testing.T) {
	t.Parallel()

	page2 := func(r sandbox.Request) bool { return strings.Contains(r.RawQuery, "page=2") }
	broken := sandbox.Envelope(500, "server_error", "out of \x1b[31morder")

	for name, tc := range map[string]struct {
		fault   sandbox.Fault
		include bool
		// n is the number of results before the error.
		n    int
		want string
	}{
		"first page":  {sandbox.Fault{Operation: sandbox.OpListImports, Action: broken}, false, 0, "ERROR: : Imports could not be listed"},
		"second page": {sandbox.Fault{Operation: sandbox.OpListImports, When: page2, Action: broken}, false, 50, `out of \x1b[31morder`},
		"login page": {
			sandbox.Fault{Operation: sandbox.OpListImports, When: page2, Action: sandbox.LoginPage()}, false, 50, "ERROR: : Imports could not be listed",
		},
		"token refused": {
			sandbox.Fault{Operation: sandbox.OpListImports, When: page2, Action: sandbox.Envelope(401, "unauthorized", "x")}, false, 50, "The token was refused",
		},
		"one import":   {sandbox.Fault{Operation: sandbox.OpGetImport, Skip: 7, Action: broken}, true, 7, "ERROR: : Import could not be read"},
		"removed just": {sandbox.Fault{Operation: sandbox.OpGetImport, Skip: 7, Action: sandbox.Envelope(404, "not_found", "x")}, true, 61, ""},
		"no such API":  {sandbox.Fault{Operation: sandbox.OpGetImport, Action: sandbox.Respond(404, "text/html", "<html>")}, true, 62, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newListTarget(t, 60, sandbox.Dialect{})
			tg.sandbox.Inject(tc.fault)

			p := configuredWith(t, tg, values{"max_retries": number(0)})

			results, diags := p.list(query{include: tc.include})

			got := details(diags)
			if len(results) != tc.n || !strings.Contains(got, tc.want) || (tc.want == "") != (got == "") {
				t.Errorf("%d results, want %d, and %q:\n%s", len(results), tc.n, tc.want, got)
			}
		})
	}
}

// Ctrl-C ends the list with an error. A consumer that stops gets no more
// results.
func TestList_ends(t *testing.T) {
	t.Parallel()

	tg := newListTarget(t, 120, sandbox.Dialect{})
	p := configuredProtocol(t, tg)

	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()

	var (
		n     int
		diags []*tfprotov6.Diagnostic
	)

	for result := range p.results(ctx, query{}).Results {
		if diags = append(diags, result.Diagnostics...); len(result.Diagnostics) == 0 {
			n++
		}

		interrupt()
	}

	// The results that were already read are sent.
	if n != 50 {
		t.Errorf("there were %d", n)
	}

	expectAll(t, details(diags), "ERROR: : Imports could not be listed", "Terraform was interrupted.")
	tg.sandbox.ResetRequests()

	for range p.results(t.Context(), query{include: true}).Results {
		break
	}

	tg.expectCount(t, sandbox.OpListImports, 1)
	tg.expectCount(t, sandbox.OpGetImport, 1)
}

func TestList_config(t *testing.T) {
	t.Parallel()

	newProtocol(t).expectValidation("list", map[string]configCase{
		"nothing":      {nil, ""},
		"all":          {values{"application_id": str(appID), "statuses": strs("finished", "Paused")}, ""},
		"unknown":      {values{"application_id": unknownString(), "statuses": unknown(strs())}, ""},
		"no GUID":      {values{"application_id": str("x")}, "Invalid GUID in application_id"},
		"no statuses":  {values{"statuses": strs()}, "Invalid Attribute Value"},
		"empty status": {values{"statuses": strs("")}, "Invalid Attribute Value Length"},
		"null status":  {values{"statuses": nullIn(strs())}, "Null List Value"},
	})
}

func TestAccList_query(t *testing.T) {
	t.Parallel()
	needsTerraform114(t)

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	finished := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Finished"})
	running := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Running"})

	const all = "permissionassist_application_import.all"

	list := func(name, arguments, config string) string {
		return fmt.Sprintf("list \"permissionassist_application_import\" %q {\n provider = permissionassist\n %s\n config {\n %s\n }\n}\n", name, arguments, config)
	}

	lifecycle(t,
		// The query uses the provider configuration of this file.
		resource.TestStep{Config: tg.config("")},
		resource.TestStep{
			Query: true,
			Config: list("all", "include_resource = true", fmt.Sprintf("application_id = %q", appID)) +
				list("running", "", `statuses = ["running"]`) +
				list("one", "limit = 1", "") +
				list("none", "", `statuses = ["Paused"]`),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength(all, 2),
				querycheck.ExpectIdentity(all, map[string]knownvalue.Check{"id": knownvalue.StringExact(finished.ID)}),
				querycheck.ExpectResourceKnownValues(all, queryfilter.ByResourceIdentity(map[string]knownvalue.Check{
					"id": knownvalue.StringExact(running.ID),
				}), []querycheck.KnownValueCheck{
					{Path: tfjsonpath.New("status"), KnownValue: knownvalue.StringExact("Running")},
					{Path: tfjsonpath.New("cancel_on_destroy"), KnownValue: knownvalue.Bool(true)},
					{Path: tfjsonpath.New("application_name"), KnownValue: knownvalue.StringExact(appName)},
				}),
				querycheck.ExpectLength("permissionassist_application_import.running", 1),
				querycheck.ExpectResourceDisplayName("permissionassist_application_import.running",
					queryfilter.ByResourceIdentity(map[string]knownvalue.Check{"id": knownvalue.StringExact(running.ID)}),
					knownvalue.StringExact(fmt.Sprintf("#%d %s (Running)", running.Number, appName))),
				querycheck.ExpectLength("permissionassist_application_import.one", 1),
			},
		},
	)
}
