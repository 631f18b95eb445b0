package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var (
	_ list.ListResource              = (*applicationImportListResource)(nil)
	_ list.ListResourceWithConfigure = (*applicationImportListResource)(nil)
)

func newApplicationImportListResource() list.ListResource {
	return &applicationImportListResource{}
}

// applicationImportListResource finds imports for terraform query.
type applicationImportListResource struct {
	client *permissionassist.Client
}

// applicationImportListModel is the list resource's configuration.
type applicationImportListModel struct {
	ApplicationID types.String `tfsdk:"application_id"`
	Statuses      types.List   `tfsdk:"statuses"`
}

// Metadata implements list.ListResource.
func (l *applicationImportListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application_import"
}

// ListResourceConfigSchema implements list.ListResource.
func (l *applicationImportListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists imports in Permission Assist for `terraform query`, those that all the given filters let through, so that " +
			"they can be found and taken over. Each has the name `#42 Jack Henry Silverlake (Running)`. The server's list is read page by " +
			"page, 50 imports each, until Terraform's `limit` is reached; `application_id` makes the pages fewer. Imports that have not " +
			"started may be on the last page, so filter for them instead of relying on the order.\n\n" +
			"With `include_resource` each import is read completely, which is one more request for each. `terraform query` needs Terraform " +
			"1.14 or later; OpenTofu does not have it.",
		Attributes: map[string]schema.Attribute{
			"application_id": schema.StringAttribute{
				MarkdownDescription: listedApplicationDescription,
				Optional:            true,
				Validators:          []validator.String{applicationIDCheck()},
			},
			"statuses": schema.ListAttribute{
				MarkdownDescription: listedStatusesDescription,
				Optional:            true,
				ElementType:         types.StringType,
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.NoNullValues(),
					listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
		},
	}
}

// Configure implements list.ListResourceWithConfigure.
func (l *applicationImportListResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.client = clientFrom(req.ProviderData, &resp.Diagnostics)
}

// List implements list.ListResource.
func (l *applicationImportListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var (
		m        applicationImportListModel
		statuses []string
	)

	diags := req.Config.Get(ctx, &m)
	diags.Append(m.Statuses.ElementsAs(ctx, &statuses, false)...)

	if diags.HasError() || !configured(l.client, &diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)

		return
	}

	stream.Results = func(push func(list.ListResult) bool) {
		var pushed int64

		for imp, err := range l.client.ListImports(ctx, m.ApplicationID.ValueString()) {
			if err != nil {
				push(failedResult("Imports could not be listed", err))

				return
			}

			if !hasStatus(imp, statuses) {
				continue
			}

			result, ok := l.result(ctx, req, m, imp)
			if !ok {
				continue
			}

			pushed++

			// A limit of 0 is none. Beyond it, nobody listens.
			if !push(result) || result.Diagnostics.HasError() || pushed == req.Limit {
				return
			}
		}
	}
}

func failedResult(summary string, err error) list.ListResult {
	var diags diag.Diagnostics

	addClientError(&diags, summary, err)

	return list.ListResult{Diagnostics: diags}
}

// result is the import as Terraform wants it. There is none where the import
// was removed since it was listed.
func (l *applicationImportListResource) result(ctx context.Context, req list.ListRequest, m applicationImportListModel, imp permissionassist.Import) (list.ListResult, bool) {
	if req.IncludeResource {
		complete, err := l.client.CompleteImport(ctx, imp)
		if isGone(err) {
			return list.ListResult{}, false
		}

		if err != nil {
			return failedResult("Import could not be read", err), true
		}

		imp = complete
	}

	result := req.NewListResult(ctx)
	result.DisplayName = listedName(imp)
	result.Diagnostics.Append(result.Identity.Set(ctx, applicationImportIdentity{ID: types.StringValue(imp.ID)})...)

	if !req.IncludeResource {
		return result, true
	}

	for name, value := range importedSettings() {
		result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root(name), value)...)
	}

	var found applicationImportModel

	result.Diagnostics.Append(result.Resource.Get(ctx, &found)...)
	result.Diagnostics.Append(found.report(ctx, imp)...)

	if found.ApplicationID.IsNull() {
		// Where the server does not say, the filter does.
		found.ApplicationID = m.ApplicationID
	}

	result.Diagnostics.Append(result.Resource.Set(ctx, &found)...)

	return result, true
}

// listedName is how terraform query shows an import.
func listedName(imp permissionassist.Import) string {
	const longest = 200

	name := imp.ID
	if imp.Number != 0 {
		name = fmt.Sprintf("#%d", imp.Number)
	}

	if imp.Application != nil {
		if app := permissionassist.PrintableLine(imp.Application.Name); app != "" {
			name += " " + shorten(app, longest)
		}
	}

	return fmt.Sprintf("%s (%s)", permissionassist.PrintableLine(name), shorten(statusText(imp), longest))
}
