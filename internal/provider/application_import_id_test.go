package provider_test

import (
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// People know an import by its application and its number.
func TestImportID_number(t *testing.T) {
	t.Parallel()

	tg := newFakeTarget(t, sandbox.Options{})
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Paused"})
	p := configuredProtocol(t, tg)

	for text, want := range map[string]string{
		appID + "/1": "", strings.ToUpper(appID) + "/#1": "", "{" + appID + "}/01": "",
		appID + "/2": "Import not found", otherAppID + "/1": "Import not found", "core/1": "Invalid import ID",
	} {
		state, diags := p.imported(text)
		if want == "" {
			expectClean(t, diags)
			if state.text("id") != imp.ID {
				t.Errorf("%s is %v", text, state)
			}
		} else {
			expectAll(t, summaries(diags), want)
		}
	}

	tg.sandbox.SetToken("")
	_, diags := p.imported(appID + "/1")
	expectAll(t, details(diags), "Import could not be read", "token was refused")
}
