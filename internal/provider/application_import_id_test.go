package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// The ID of an import block and its identity accept the same spellings.
// TestFindGUID has more. The error does not quote the ID, which can be a
// secret.
func TestImportID(t *testing.T) {
	t.Parallel()

	const guid, none = "0f8fad5b-d9cb-469f-a165-70867728950e", "found no GUID"
	p := configuredProtocol(t, newFakeTarget(t, sandbox.Options{}))
	for text, want := range map[string]string{
		guid: guid, "https://pa.example.com/imports/" + strings.ToUpper(guid) + "?tab=log": guid,
		"#1001": none, "": none, "https://pa.example.com/applications/5?key=" + token: none,
		"https://pa.example.com/applications/" + appID + "/imports/" + guid: "found 2 different GUIDs",
	} {
		for by, resp := range map[string]*tfprotov6.ImportResourceStateResponse{"ID": p.importByID(text), "identity": p.importByIdentity(text)} {
			if want == guid {
				wantClean(t, resp.Diagnostics)
				imported := resp.ImportedResources[0]
				if got := p.state(imported.State).text("id"); got != guid || p.identityID(imported.Identity) != guid {
					t.Errorf("%s %s: the ID is %s, the identity %s", by, text, got, p.identityID(imported.Identity))
				}
				continue
			}
			got := wantSummaries(t, resp.Diagnostics, "ERROR: Invalid import ID")
			wantContains(t, got, want, "APPLICATION_ID/1001")
			wantNotContains(t, got, token, appID)
		}
	}
	wantContains(t, details(p.importByIdentity(nil).Diagnostics), "ERROR: ")
}

// People know an import by its application and its number.
func TestImportID_number(t *testing.T) {
	t.Parallel()

	tg := newFakeTarget(t, sandbox.Options{})
	imp := tg.addImport("Paused")
	p := configuredProtocol(t, tg)
	for text, want := range map[string]string{
		appID + "/1": "", strings.ToUpper(appID) + "/#1": "", "{" + appID + "}/01": "",
		appID + "/2": "Import not found", otherAppID + "/1": "Import not found", "core/1": "Invalid import ID",
	} {
		state, diags := p.importAndRead(text)
		wantContains(t, summaries(diags), want)
		if want == "" && (state.text("id") != imp.ID || len(diags) > 0) {
			t.Errorf("%s is %v\n%s", text, state, details(diags))
		}
	}

	tg.sandbox.SetToken("")
	_, diags := p.importAndRead(appID + "/1")
	wantContains(t, details(diags), "Import could not be read", "token was refused")
}
