package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func newRFC3339Function() function.Function { return &rfc3339Function{} }

// rfc3339Function converts the server's timestamps for Terraform's own
// functions.
type rfc3339Function struct{}

func (f *rfc3339Function) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "rfc3339"
}

func (f *rfc3339Function) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Converts a server's timestamp to RFC 3339",
		MarkdownDescription: "Converts a timestamp of Permission Assist, with or without a time zone, to RFC 3339 in UTC, such as " +
			"`2026-02-20T08:15:00Z`. Terraform's functions `timecmp` and `timeadd` need that format. Fractions of a second are dropped. Null if " +
			"the timestamp is null. Needs Terraform 1.8 or OpenTofu 1.8.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "timestamp",
				AllowNullValue:      true,
				MarkdownDescription: "Timestamp in ISO 8601 format as the server reports it, for example `build_end`. It can be null.",
			},
			function.StringParameter{
				Name: "time_zone",
				MarkdownDescription: "IANA or Windows name of a time zone, such as `UTC`, `America/New_York` or `Eastern Standard Time`. It applies " +
					"only to a timestamp without a time zone, which is probably UTC. To find out, compare `build_start` of an import that was just " +
					"staged with the clock. If that time occurred twice because the clocks were set back, either of the two is returned.",
			},
		},
		Return: function.StringReturn{},
	}
}

func (f *rfc3339Function) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		text types.String
		name string
	)

	resp.Error = req.Arguments.Get(ctx, &text, &name)
	if resp.Error != nil {
		return
	}

	zone, err := loadZone(name)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, err.Error())
		return
	}
	if text.IsNull() {
		resp.Error = resp.Result.Set(ctx, text)
		return
	}
	t, err := permissionassist.ParseTimestamp(text.ValueString(), zone)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}

	resp.Error = resp.Result.Set(ctx, timestamp(t))
}
