package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func newApplicationImportListResource() list.ListResource {
	return &applicationImportListResource{anyResource{name: "application_import"}}
}

type applicationImportListResource struct{ anyResource }

type applicationImportListModel struct {
	ApplicationID types.String `tfsdk:"application_id"`
	Statuses      types.List   `tfsdk:"statuses"`
}

func (l *applicationImportListResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the imports in Permission Assist that match all filters, for `terraform query`. Each is shown as " +
			"`#42 Jack Henry Silverlake (Running)`. The list is read page by page, 50 imports each, until `limit` (100 by default) is " +
			"reached. The most recently started imports come first. Pending imports can come last, so filter by status to find them.\n\n" +
			"`include_resource` takes one more request per import. `terraform query` needs Terraform 1.14 or later; OpenTofu does not have it.",
		Attributes: map[string]schema.Attribute{
			"application_id": optional(listedApplication, applicationIDCheck()),
			// The framework has no set for list resources.
			"statuses": schema.ListAttribute{
				MarkdownDescription: listedStatuses,
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

func (l *applicationImportListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var (
		m        applicationImportListModel
		statuses []string
	)
	diags := req.Config.Get(ctx, &m)
	diags.Append(m.Statuses.ElementsAs(ctx, &statuses, false)...)
	if diags.HasError() || !requireConnection(l.conn, &diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}

	stream.Results = func(push func(list.ListResult) bool) {
		var pushed int64
		for imp, err := range l.conn.ListApplicationImports(ctx, guidOf(m.ApplicationID)) {
			if err != nil {
				push(l.failed("Imports could not be listed", err))
				return
			}
			if !imp.HasStatus(statuses) {
				continue
			}
			result, ok := l.result(ctx, req, m, imp)
			if !ok {
				continue
			}

			pushed++
			// A limit of 0 means no limit. Terraform does not read results past
			// the limit.
			if !push(result) || result.Diagnostics.HasError() || pushed == req.Limit {
				return
			}
		}
	}
}

func (l *applicationImportListResource) failed(summary string, err error) list.ListResult {
	var diags diag.Diagnostics
	explain.AddError(&diags, summary, err, l.conn.advice())
	return list.ListResult{Diagnostics: diags}
}

// result converts an import for Terraform. It returns false if the import was
// removed after it was listed.
func (l *applicationImportListResource) result(
	ctx context.Context, req list.ListRequest, m applicationImportListModel, imp permissionassist.ApplicationImport,
) (list.ListResult, bool) {
	if req.IncludeResource {
		complete, err := l.conn.CompleteApplicationImport(ctx, imp)
		if errors.Is(err, permissionassist.ErrNotFound) {
			return list.ListResult{}, false
		}
		if err != nil {
			return l.failed("Import could not be read", err), true
		}
		imp = complete
	}

	result := req.NewListResult(ctx)
	result.DisplayName = listedName(imp)
	result.Diagnostics.Append(result.Identity.SetAttribute(ctx, path.Root("id"), imp.ID)...)
	if !req.IncludeResource {
		return result, true
	}

	found := newAdoptedModel(types.StringValue(imp.ID))
	result.Diagnostics.Append(found.fromAPI(imp)...)
	if found.ApplicationID.IsNull() {
		// If the server does not report the application, the filter has its ID.
		found.ApplicationID = m.ApplicationID
	}
	found.setImportedStagedAt(time.Now())
	result.Diagnostics.Append(result.Resource.Set(ctx, &found)...)
	return result, true
}

func listedName(imp permissionassist.ApplicationImport) string {
	name := imp.ID
	if imp.Number != 0 {
		name = fmt.Sprintf("#%d", imp.Number)
	}
	if imp.Application != nil && imp.Application.Name != "" {
		name += " " + imp.Application.Name
	}
	return fmt.Sprintf("%s (%s)", name, explain.StatusText(imp))
}
