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

// withFunctions is lifecycle for configurations that call provider functions.
func withFunctions(t *testing.T, steps ...resource.TestStep) {
	t.Helper()

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps:                    steps,
	})
}

func parsed(text string) string {
	return fmt.Sprintf("output \"id\" {\n  value = provider::permissionassist::parse_application_id(%s)\n}\n", text)
}

// The function needs no server, nor that the provider is configured.
func TestAccParseApplicationIDFunction_found(t *testing.T) {
	t.Parallel()

	var steps []resource.TestStep

	for _, given := range []string{
		appID, strings.ToUpper(appID), "{" + appID + "}", "https://pa.example.com/applications/" + strings.ToUpper(appID) + "/edit?tab=imports",
		"https://pa.example.com/#/applications/%7B" + strings.ReplaceAll(appID, "-", "") + "%7D",
	} {
		steps = append(steps, resource.TestStep{
			Config:            parsed(fmt.Sprintf("%q", given)),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("id", knownvalue.StringExact(appID))},
		})
	}

	withFunctions(t, steps...)
}

func TestAccParseApplicationIDFunction_errors(t *testing.T) {
	t.Parallel()

	var steps []resource.TestStep

	for given, want := range map[string]string{
		`"Jack Henry"`: `There is no GUID in "Jack Henry": expected the address of the application's page`,
		`"https://pa.example.com/` + appID + `/imports/` + twinID + `"`:               "There is more than one GUID",
		`"https://pa.example.com/applications?token=` + strings.Repeat("a", 20) + `"`: `in "https://pa.example.com/applications…"`,
		`null`: "argument must not be null",
	} {
		steps = append(steps, resource.TestStep{Config: parsed(given), PlanOnly: true, ExpectError: text(want)})
	}

	withFunctions(t, steps...)
}

// What it gives finds the application, also where the text is known only later.
func TestAccParseApplicationIDFunction_used(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	address := "https://pa.example.com/applications/" + strings.ToUpper(appID)

	withFunctions(t, resource.TestStep{
		Config: tg.config(fmt.Sprintf(`
resource "terraform_data" "later" {
  input = %q
}
`, address) + applicationData(`id = provider::permissionassist::parse_application_id(terraform_data.later.output)`) +
			parsed("terraform_data.later.output")),
		ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownOutputValue("id")}},
		ConfigStateChecks: []statecheck.StateCheck{found("name", knownvalue.StringExact(appName)), found("id", knownvalue.StringExact(appID))},
	})
}

func TestParseApplicationIDFunction_protocol(t *testing.T) {
	t.Parallel()

	p := newProtocol(t)
	if f := p.schema.Functions["parse_application_id"]; f == nil || f.Summary == "" || len(f.Parameters) != 1 || f.Parameters[0].Description == "" {
		t.Fatalf("the function is %+v", f)
	}

	call := func(argument tftypes.Value) *tfprotov6.CallFunctionResponse {
		d, err := tfprotov6.NewDynamicValue(tftypes.String, argument)
		if err != nil {
			t.Fatal(err)
		}

		resp, err := p.server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{
			Name: "parse_application_id", Arguments: []*tfprotov6.DynamicValue{&d},
		})
		if err != nil {
			t.Fatal(err)
		}

		return resp
	}

	resp := call(str("urn:uuid:" + strings.ToUpper(appID)))
	if resp.Error != nil {
		t.Fatal(resp.Error)
	}

	if got, err := resp.Result.Unmarshal(tftypes.String); err != nil || !got.Equal(str(appID)) {
		t.Errorf("the result is %s, %v", got, err)
	}

	const secret = "pa_s3cr3ts3cr3t"

	for given, want := range map[string]string{
		"":                                      "The text is empty",
		"https://pa.example.com/?key=" + secret: `There is no GUID in "https://pa.example.com/…"`,
		appID + " " + twinID:                    appID + ", " + twinID,
		secret:                                  `"pa_…"`,
		"\x1b[2J":                               `"\x1b[2J"`,
	} {
		resp := call(str(given))

		switch {
		case resp.Error == nil || resp.Error.FunctionArgument == nil || *resp.Error.FunctionArgument != 0:
			t.Errorf("%q: %+v", given, resp.Error)
		case !strings.Contains(resp.Error.Text, want) || strings.Contains(resp.Error.Text, secret[3:]):
			t.Errorf("%q: %s", given, resp.Error.Text)
		}
	}

	if resp := call(tftypes.NewValue(tftypes.String, nil)); resp.Error == nil {
		t.Error("null is accepted")
	}
}
