package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var _ function.Function = (*parseApplicationIDFunction)(nil)

func newParseApplicationIDFunction() function.Function {
	return &parseApplicationIDFunction{}
}

// parseApplicationIDFunction finds an application's ID in what a person has
// copied from a browser.
type parseApplicationIDFunction struct{}

// Metadata implements function.Function.
func (f *parseApplicationIDFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_application_id"
}

// Definition implements function.Function.
func (f *parseApplicationIDFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Finds the application's ID in a URL",
		MarkdownDescription: "Finds the application's ID in the address of its page in Permission Assist, as it is copied from the browser's " +
			"address bar, or in a GUID in any spelling, and returns it as a GUID in lower case with hyphens. It asks no server, so it needs " +
			"no endpoint and no token, and does not know whether the application exists. It is an error if there is no GUID, or more than " +
			"one; the same one several times is fine. Needs Terraform 1.8 or later, or OpenTofu 1.7 or later.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name: "url_or_guid",
				MarkdownDescription: "URL with the application's ID anywhere in its path, query or fragment; or a GUID: in upper or lower case, " +
					"in braces or parentheses, without hyphens, as `urn:uuid:…`, percent-encoded, with white space around it.",
			},
		},
		Return: function.StringReturn{},
	}
}

// Run implements function.Function.
func (f *parseApplicationIDFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string

	resp.Error = req.Arguments.Get(ctx, &text)
	if resp.Error != nil {
		return
	}

	id, err := permissionassist.ParseApplicationID(text)
	if err != nil {
		// Terraform ends it with a full stop.
		resp.Error = function.NewArgumentFuncError(0, strings.TrimSuffix(sentence(err), "."))

		return
	}

	resp.Error = resp.Result.Set(ctx, id)
}
