package provider_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

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
func newListTarget(t *testing.T, n int) target {
	t.Helper()
	tg := newSandboxTarget(t, sandbox.Options{Applications: []sandbox.Application{{ID: otherAppID, Name: "Other\x1b[31m"}}}).held()
	for range n {
		tg.addImport(sandbox.StatusFinished)
	}
	tg.addImport(sandbox.StatusRunning)
	tg.sandbox.AddImport(sandbox.Import{ApplicationID: otherAppID, Status: sandbox.StatusPending})
	return tg
}

func TestList(t *testing.T) {
	t.Parallel()

	running, pending := "#121 "+appName+" (Running)", `#122 Other\x1b[31m (Pending)`
	ofApp := strings.ToUpper(appID)
	tg := newListTarget(t, 120)
	p := configuredProtocol(t, tg)
	for name, tc := range map[string]struct {
		query query
		// n is the number of results; has are some of them.
		n, requests int
		has         []string
	}{
		"all":                 {query{}, 122, 4, []string{running, pending, "#1 " + appName + " (Finished)"}},
		"of the application":  {query{config: values{"application_id": ofApp}}, 121, 4, []string{running}},
		"of the other":        {query{config: values{"application_id": otherAppID}}, 1, 1, []string{pending}},
		"of none":             {query{config: values{"application_id": noID}}, 0, 1, nil},
		"by status":           {query{config: values{"statuses": strs("running", "PENDING", "Paused")}}, 2, 4, []string{running, pending}},
		"both":                {query{config: values{"statuses": strs("Pending"), "application_id": ofApp}}, 0, 4, nil},
		"limit within a page": {query{limit: 3}, 3, 1, nil},
		"limit of a page":     {query{limit: 50}, 50, 1, nil},
		"limit beyond a page": {query{limit: 51}, 51, 2, nil},
		"limit above all":     {query{limit: 1000}, 122, 4, nil},
		"limit of matches":    {query{limit: 1, config: values{"statuses": strs("Pending")}}, 1, 3, []string{pending}},
	} {
		results, diags := p.list(tc.query)
		wantClean(t, diags)
		ids, names := map[string]bool{}, ""
		for _, r := range results {
			ids[p.identityID(r.Identity)] = true
			names += r.DisplayName + "\n"
			if r.Resource != nil {
				t.Error("the result has a resource without include_resource")
			}
		}
		wantContains(t, names, tc.has...)
		if len(results) != tc.n || len(ids) != tc.n {
			t.Errorf("%s: %d results, %d of them different, want %d:\n%s", name, len(results), len(ids), tc.n, names)
		}
		tg.wantOnlyRequests(t, name, requests{sandbox.OpListImports: tc.requests})
	}
}

// A listed resource has an empty plan, with the configuration that Terraform
// generates and with a minimal one.
func TestList_plansWithoutDifference(t *testing.T) {
	t.Parallel()

	for _, dialect := range []sandbox.Dialect{
		{}, {OmitApplication: true, OmitCreatedBy: true, OmitLog: true, OmitFiles: true, OmitMetrics: true, TimesWithoutZone: true},
		{NoGetImport: true}, {UpperCaseIDs: true, ExtraFields: true},
	} {
		for _, status := range []string{"Pending", "Running", "Paused", "Canceling", "Finished"} {
			name := fmt.Sprintf("%s, %+v", status, dialect)
			tg := newSandboxTarget(t, sandbox.Options{Dialect: dialect}).held()
			imp := tg.addImport(status)
			p := configuredProtocol(t, tg)
			id, found := p.listOnly()
			if !strings.EqualFold(id, imp.ID) || found.text("status") != status {
				t.Errorf("%s: it is %v", name, found)
			}

			generated := values{}
			for _, a := range p.resourceSchema().Block.Attributes {
				if a.Optional || a.Required {
					generated[a.Name] = found[a.Name]
				}
			}
			p.wantNoDifference(name+", generated", found, generated)
			p.wantNoDifference(name+", minimal", found, values{"application_id": appID})
		}
	}
}

// listOnly lists the only import of the application, and returns its ID and its
// state.
func (p *protocol) listOnly() (string, values) {
	p.t.Helper()
	results, diags := p.list(query{include: true, config: values{"application_id": appID}})
	if wantClean(p.t, diags); len(results) != 1 {
		p.t.Fatalf("there are %d results", len(results))
	}
	return p.identityID(results[0].Identity), p.state(results[0].Resource)
}

// If the server does not report the application of an import, the resource has
// the ID in the filter.
func TestList_applicationGone(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.addImport(sandbox.StatusFinished)
	tg.sandbox.RemoveApplication(appID)
	_, found := configuredProtocol(t, tg).listOnly()
	found.wantValues(t, values{"application_id": appID, "application_name": nil})
}

func TestList_faults(t *testing.T) {
	t.Parallel()

	broken := sandbox.Envelope(500, "server_error", "out of \x1b[31morder")
	page2 := func(action sandbox.Action) sandbox.Fault {
		return sandbox.Fault{Operation: sandbox.OpListImports, Action: action, When: func(r sandbox.Request) bool {
			return strings.Contains(r.RawQuery, "page=2")
		}}
	}
	eighth := func(action sandbox.Action) sandbox.Fault {
		return sandbox.Fault{Operation: sandbox.OpGetImport, Skip: 7, Action: action}
	}
	for name, tc := range map[string]struct {
		fault   sandbox.Fault
		include bool
		// n is the number of results before the error.
		n    int
		want string
	}{
		"first page":    {sandbox.Fault{Operation: sandbox.OpListImports, Action: broken}, false, 0, "ERROR: : Imports could not be listed"},
		"second page":   {page2(broken), false, 50, `out of \x1b[31morder`},
		"token refused": {page2(sandbox.Envelope(401, "unauthorized", "x")), false, 50, "The token was refused"},
		"one import":    {eighth(broken), true, 7, "ERROR: : Import could not be read"},
		"removed just":  {eighth(notFound()), true, 61, ""},
		"no such API":   {sandbox.Fault{Operation: sandbox.OpGetImport, Action: sandbox.Respond(404, "text/html", "<html>")}, true, 62, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newListTarget(t, 60)
			tg.sandbox.Inject(tc.fault)
			results, diags := configuredProtocol(t, tg, values{"max_retries": 0}).list(query{include: tc.include})
			got := details(diags)
			if len(results) != tc.n || !strings.Contains(got, tc.want) || (tc.want == "") != (got == "") {
				t.Errorf("%d results, want %d, and %q:\n%s", len(results), tc.n, tc.want, got)
			}
		})
	}
}

// Ctrl-C ends the list with an error, after the results that were already read.
// A consumer that stops gets no more results.
func TestList_ends(t *testing.T) {
	t.Parallel()

	tg := newListTarget(t, 120)
	p := configuredProtocol(t, tg)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()

	n, diags := 0, []*tfprotov6.Diagnostic{}
	for result := range p.streamList(ctx, query{}).Results {
		if diags = append(diags, result.Diagnostics...); len(result.Diagnostics) == 0 {
			n++
		}
		interrupt()
	}
	if n != 50 {
		t.Errorf("there were %d", n)
	}
	wantContains(t, details(diags), "ERROR: : Imports could not be listed", "Terraform was interrupted.")

	tg.sandbox.ResetRequests()
	for range p.streamList(t.Context(), query{include: true}).Results {
		break
	}
	tg.wantOnlyRequests(t, "one result", requests{sandbox.OpListImports: 1, sandbox.OpGetImport: 1})
}

func TestAccList_query(t *testing.T) {
	t.Parallel()
	needs(t, 14, never)

	tg := newSandboxTarget(t, sandbox.Options{}).held()
	finished, running := tg.addImport(sandbox.StatusFinished), tg.addImport(sandbox.StatusRunning)
	list := func(name, arguments, config string) string {
		return block("list", resourceType, name, "provider = permissionassist\n "+arguments+"\n config {\n "+config+"\n }")
	}
	identity := func(id string) map[string]knownvalue.Check {
		return map[string]knownvalue.Check{"id": knownvalue.StringExact(id)}
	}
	byID := queryfilter.ByResourceIdentity(identity(running.ID))
	lifecycle(t,
		// The query uses the provider configuration of this file.
		resource.TestStep{Config: tg.config("")},
		resource.TestStep{
			Query: true,
			Config: list("all", "include_resource = true", fmt.Sprintf("application_id = %q", appID)) +
				list("running", "", `statuses = ["running"]`) + list("one", "limit = 1", "") + list("none", "", `statuses = ["Paused"]`),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength(resourceType+".all", 2),
				querycheck.ExpectIdentity(resourceType+".all", identity(finished.ID)),
				querycheck.ExpectResourceKnownValues(resourceType+".all", byID, []querycheck.KnownValueCheck{
					{Path: tfjsonpath.New("status"), KnownValue: knownvalue.StringExact("Running")},
					{Path: tfjsonpath.New("application_name"), KnownValue: knownvalue.StringExact(appName)},
				}),
				querycheck.ExpectLength(resourceType+".running", 1),
				querycheck.ExpectResourceDisplayName(resourceType+".running", byID,
					knownvalue.StringExact(fmt.Sprintf("#%d %s (Running)", running.Number, appName))),
				querycheck.ExpectLength(resourceType+".one", 1),
			},
		},
	)
}
