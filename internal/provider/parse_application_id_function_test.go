package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// TestFindGUID has more spellings.
func TestParseApplicationID(t *testing.T) {
	t.Parallel()

	const page = "https://pa.example.com/applications/"
	p := newProtocol(t, nil)
	if id, err := p.call("parse_application_id", page+strings.ToUpper(appID)+"?tab=x"); err != nil || id != appID {
		t.Errorf("%s, %v", id, err)
	}
	// The error does not depend on the text, which can have a secret.
	_, want := p.call("parse_application_id", "")
	wantContains(t, want.Text, "the application's GUID, such as", "found no GUID")
	for _, text := range []string{token, page + "5?id=6", "https://u:s3cr3t@pa.example.com/", "\x1b[2J"} {
		_, err := p.call("parse_application_id", text)
		if err == nil || err.Text != want.Text || err.FunctionArgument == nil || *err.FunctionArgument != 0 {
			t.Errorf("%q: %+v", text, err)
		}
	}
	if id, err := p.call("parse_application_id", nil); err == nil {
		t.Errorf("null: the result is %s", id)
	}
}

// The function works with a value that is known only during the apply.
func TestAccParseApplicationID_used(t *testing.T) {
	t.Parallel()
	needs(t, 8, 7)

	tg := newSandboxTarget(t, sandbox.Options{})
	const call = "provider::permissionassist::parse_application_id(" + upstreamOutput + ")"
	config := upstream("https://pa.example.com/applications/"+strings.ToUpper(appID)) + applicationData("id = "+call) +
		"output \"id\" {\n value = " + call + "\n}\n"
	used := step(tg.config(config), "", wantState("data."+applicationDataType+".test", values{"name": appName, "id": appID}))
	used.ConfigPlanChecks = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownOutputValue("id")}}
	lifecycle(t, used)
}
