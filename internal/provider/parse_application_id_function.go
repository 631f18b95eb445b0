package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

func newParseApplicationIDFunction() function.Function { return &parseApplicationIDFunction{} }

// parseApplicationIDFunction finds an application's ID in a text that a user
// copied from a browser.
type parseApplicationIDFunction struct{}

func (f *parseApplicationIDFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_application_id"
}

func (f *parseApplicationIDFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Finds the application's ID in a URL",
		MarkdownDescription: "Returns an application's ID in lower case with hyphens. Pass the URL of the application's page in Permission " +
			"Assist, copied from the browser, or a GUID in any common spelling. The text must not contain two different GUIDs; the same GUID can " +
			"occur more than once. The function sends no request and does not check that the application exists. Needs Terraform 1.8 or OpenTofu " +
			"1.8.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name: "url_or_guid",
				MarkdownDescription: "URL that contains the application's ID, or a GUID in any common spelling, such as `{…}`, without hyphens, or " +
					"`urn:uuid:…`.",
			},
		},
		Return: function.StringReturn{},
	}
}

func (f *parseApplicationIDFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string

	resp.Error = req.Arguments.Get(ctx, &text)
	if resp.Error != nil {
		return
	}

	id, err := findGUID(text)
	if err != nil {
		// Terraform adds the period.
		resp.Error = function.NewArgumentFuncError(0, "Expected the URL of the application's page in Permission Assist, as the browser shows "+
			"it, or the application's GUID, such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301, but "+err.Error())
		return
	}

	resp.Error = resp.Result.Set(ctx, id)
}
