package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func (p *protocol) parseApplicationID(argument tftypes.Value) (tftypes.Value, *tfprotov6.FunctionError) {
	p.t.Helper()
	return p.call("parse_application_id", argument)
}

// call calls a function of strings like Terraform. The provider is not
// configured: functions need no server.
func (p *protocol) call(name string, arguments ...tftypes.Value) (tftypes.Value, *tfprotov6.FunctionError) {
	p.t.Helper()
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for _, argument := range arguments {
		d, err := tfprotov6.NewDynamicValue(tftypes.String, argument)
		if err != nil {
			p.t.Fatal(err)
		}
		req.Arguments = append(req.Arguments, &d)
	}

	resp, err := p.server.CallFunction(p.t.Context(), req)
	if err != nil {
		p.t.Fatal(err)
	}

	if resp.Error != nil {
		return tftypes.Value{}, resp.Error
	}

	id, err := resp.Result.Unmarshal(tftypes.String)
	if err != nil {
		p.t.Fatal(err)
	}
	return id, nil
}

func TestParseApplicationID(t *testing.T) {
	t.Parallel()

	const (
		bare      = "3f2504e04f8941d39a0c0305e82c3301"
		other     = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
		otherBare = "7c9e6679742540de944be07fc1f90ae7"
		server    = "https://pa.example.com:8443"
		none      = "found no GUID"
		two       = "found 2 different GUIDs instead of one"
	)

	upper := strings.ToUpper(appID)
	p := newProtocol(t)
	_, noGUID := p.parseApplicationID(str(""))

	for text, want := range map[string]string{
		// A GUID in any common spelling.
		appID: appID, upper: appID, bare: appID, strings.ToUpper(bare): appID, "{" + appID + "}": appID,
		"{" + bare + "}": appID, "urn:uuid:" + appID: appID, " \t" + appID + "\r\n": appID, `"` + appID + `"`: appID,
		"\u00a0" + appID + "\u200b": appID, "%7B" + appID + "%7D": appID, "%7b" + bare + "%7d": appID,
		"3F2504E0%2D4F89%2D41D3%2D9A0C%2D0305E82C3301": appID,
		// Anywhere in a URL.
		server + "/applications/" + appID: appID, server + "/applications/" + appID + "/edit?tab=x#top": appID, "pa.example.com/" + appID: appID,
		server + "/a?x=1&applicationId=%7B" + upper + "%7D&y=2": appID, server + "/#!/applications?id=" + bare: appID,
		server + "/login?returnUrl=%2Fapplications%2F" + appID: appID, server + "/login?returnUrl=https%3A%2F%2Fpa%2Fapplications%252F" + appID: appID,
		server + "/applications/jack-henry-" + bare: appID, server + "/applications/" + appID + "-cafe": appID,
		server + "/app_" + appID: appID, server + "/app%5F" + bare + "_1": appID,
		// Several times.
		server + "/applications/" + appID + "?id=" + upper + "#" + bare: appID, appID + "," + appID: appID, appID + "_" + appID: appID,
		// Next to a text that only looks like a GUID.
		appID + "?v=" + bare + otherBare: appID, appID + "?sha1=" + strings.Repeat("a", 40): appID, appID + "/" + otherBare[1:]: appID,
		appID + "/x" + other: appID, appID + "/0x" + otherBare: appID, "%7B" + appID + "%7D/100%/%zz": appID,

		"": none, token: none, "https://u:s3cr3t@pa.example.com/": none, "\x1b[2J": none, "::stop-commands::x": none,
		server + "/applications/5?id=6": none, appID[1:]: none, appID + "0": none, "0" + appID: none,
		bare + otherBare: none, strings.Replace(appID, "3", "g", 1): none, strings.Replace(appID, "3", "３", 1): none,
		strings.ReplaceAll(appID, "-", "_"): none, "3f2504e-04f89-41d3-9a0c-0305e82c33010": none,

		server + "/applications/" + appID + "/imports/" + strings.ToUpper(other): two, appID + " " + otherBare: two, appID + "-" + other: two,
		appID + "_" + other: two,
	} {
		id, err := p.parseApplicationID(str(text))

		switch {
		case err == nil && !id.Equal(str(want)):
			t.Errorf("%q: the result is %s, want %s", text, id, want)
		case err != nil && want == none && err.Text != noGUID.Text:
			t.Errorf("%q: the error depends on the text, so it could quote a secret: %q", text, err.Text)
		case err != nil && !strings.HasSuffix(err.Text, want):
			t.Errorf("%q: the error is %q, want %s", text, err.Text, want)
		case err != nil && (err.FunctionArgument == nil || *err.FunctionArgument != 0 || !strings.Contains(err.Text, "the application's GUID, such as")):
			t.Errorf("%q: the error lacks the argument or the expected value: %+v", text, err)
		}
	}

	if id, err := p.parseApplicationID(tftypes.NewValue(tftypes.String, nil)); err == nil {
		t.Errorf("null: the result is %s", id)
	}
}

// The function works with a value that is known only during the apply.
func TestAccParseApplicationID_used(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	address := "https://pa.example.com/applications/" + strings.ToUpper(appID)

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps: []resource.TestStep{{
			Config: tg.config(fmt.Sprintf(`
resource "terraform_data" "later" {
  input = %q
}
`, address) + applicationData(`id = provider::permissionassist::parse_application_id(terraform_data.later.output)`) + `
output "id" {
  value = provider::permissionassist::parse_application_id(terraform_data.later.output)
}
`),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownOutputValue("id")}},
			ConfigStateChecks: []statecheck.StateCheck{found("name", knownvalue.StringExact(appName)), found("id", knownvalue.StringExact(appID))},
		}}})
}
