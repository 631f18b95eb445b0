package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestStringCheck(t *testing.T) {
	t.Parallel()

	for _, tc := range []struct {
		check stringCheck
		value types.String
		// want is a fragment of the error; empty if the value is valid.
		want string
	}{
		{guidCheck(), types.StringNull(), ""},
		{guidCheck(), types.StringUnknown(), ""},
		{guidCheck(), types.StringValue("3F2504E0-4f89-41d3-9a0c-0305e82c3301"), ""},
		{guidCheck(), types.StringValue("#42"), `"#42" is not a GUID`},
		{applicationIDCheck(), types.StringValue("Core"), "finds an application by its name"},
		{applicationIDCheck(), types.StringValue("https://pa.example.com/applications/3F2504E04F8941D39A0C0305E82C3301"), ""},
		{durationCheck(), types.StringValue(strings.Repeat("x", 200)), strings.Repeat("x", 99) + "…"},
		{durationCheck(), types.StringValue("1h30m"), ""},
		{durationCheck(), types.StringValue("1d"), `"1d" must be a positive duration in hours`},
		{durationCheck(), types.StringValue("0s"), "positive"},
		{durationCheck(), types.StringValue("-1s"), "positive"},
		{tokenCheck(), types.StringValue(""), ""},
		{tokenCheck(), types.StringValue("pa_x"), ""},
		{tokenCheck(), types.StringValue("pa_x\n"), "position 5"},
		{caCertPEMCheck(), types.StringValue("hello"), "no PEM block"},
		{regexpCheck(), types.StringValue("(?i)^core"), ""},
		{regexpCheck(), types.StringValue("(?=Core)"), "invalid or unsupported Perl syntax"},
	} {
		var diags diag.Diagnostics
		tc.check.apply(path.Root("x"), tc.value, &diags)

		if (len(diags) > 0) != (tc.want != "") || diags.HasError() && !strings.Contains(diags[0].Detail(), tc.want) {
			t.Errorf("%s %s: %v, want %q", tc.check.noun, tc.value, diags, tc.want)
		}
	}
}
