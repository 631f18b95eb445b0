package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func newApplicationImportCompletionResource() resource.Resource {
	return &applicationImportCompletionResource{anyResource{name: "application_import_completion"}}
}

// applicationImportCompletionResource waits until an import has finished.
// Nothing is saved before that, so a wait that ends in any other way is simply
// made again by the next apply.
type applicationImportCompletionResource struct{ anyResource }

type applicationImportCompletionModel struct {
	ImportID types.String   `tfsdk:"import_id"`
	LogLines types.Int64    `tfsdk:"log_lines"`
	Timeouts *timeoutsModel `tfsdk:"timeouts"`

	Number        types.Int64          `tfsdk:"number"`
	Status        types.String         `tfsdk:"status"`
	BuildStart    types.String         `tfsdk:"build_start"`
	BuildEnd      types.String         `tfsdk:"build_end"`
	Metrics       jsontypes.Normalized `tfsdk:"metrics"`
	ApplicationID types.String         `tfsdk:"application_id"`
}

// timeoutsModel is the usual block of other providers.
type timeoutsModel struct {
	Create types.String `tfsdk:"create"`
}

// The default of log_lines and its maximum.
const (
	defaultLogLines = 20
	maxLogLines     = 200
)

func (r *applicationImportCompletionResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const replaces = "replaces the resource unless only the case differs"
	attributes := completedAttributes()
	attributes["import_id"] = schema.StringAttribute{
		MarkdownDescription: "GUID of the import to wait for, usually `permissionassist_application_import.NAME.id`. Case does not matter. A " +
			"change replaces the resource.",
		Required:   true,
		Validators: []validator.String{guidCheck()},
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(
			func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
				resp.RequiresReplace = !permissionassist.SameGUID(req.StateValue.ValueString(), req.PlanValue.ValueString())
			}, replaces, replaces)},
	}
	attributes["log_lines"] = schema.Int64Attribute{
		MarkdownDescription: "How many lines of the log's end the error of a failed import shows, from 0 to 200. The log can name people and " +
			"accounts. Default: `20`.",
		Optional:   true,
		Computed:   true,
		Default:    int64default.StaticInt64(defaultLogLines),
		Validators: []validator.Int64{int64validator.Between(0, maxLogLines)},
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Waits until an import has ended, and fails unless it is Finished. Resources that depend on this one are changed " +
			"only after the import.\n\n" +
			"The apply fails if the import failed, was canceled or no longer exists. It also fails if the wait times out or is interrupted, or if " +
			"the token is refused; the import then continues. In each case nothing is saved and nothing is tainted, so the next apply waits " +
			"again. If the import failed, the next plan replaces it; with `restage_on_failure = false`, the next apply reports the failure " +
			"again.\n\nRefreshing and destroying this resource sends no request. Destroying it does not cancel the import.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{"timeouts": schema.SingleNestedBlock{
			MarkdownDescription: "Time limits of the resource's operations.",
			Attributes: map[string]schema.Attribute{
				"create": optional("Timeout of the wait, as a duration such as `90m` or `2h30m`. The import continues after a timeout. Default: "+
					"`60m`.", durationCheck()),
			},
		}},
	}
}

// completedAttributes returns the results, which a plan keeps: a finished
// import never changes.
func completedAttributes() map[string]schema.Attribute {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	attributes := map[string]schema.Attribute{
		"number": schema.Int64Attribute{
			MarkdownDescription: importNumber, Computed: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"metrics": schema.StringAttribute{
			MarkdownDescription: importMetrics + " on servers without the endpoint for a single import.",
			Computed:            true, CustomType: jsontypes.NormalizedType{}, PlanModifiers: kept,
		},
	}
	for name, description := range map[string]string{
		"status":         "Status of the import: always `Finished`.",
		"build_start":    "Time when the import started" + asReported,
		"build_end":      "Time when the import ended" + asReported,
		"application_id": "GUID of the import's application." + nullUnknown,
	} {
		attributes[name] = schema.StringAttribute{MarkdownDescription: description, Computed: true, PlanModifiers: kept}
	}
	return attributes
}

func (r *applicationImportCompletionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m applicationImportCompletionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !requireConnection(r.conn, &resp.Diagnostics) {
		return
	}

	var configured types.String
	if m.Timeouts != nil {
		configured = m.Timeouts.Create
	}
	timeout := timeoutOf(configured)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	w := importWait{conn: r.conn, advice: r.conn.with(explain.ForCompletion()), timeout: timeout, logLines: int(m.LogLines.ValueInt64())}
	// An earlier run may have staged the import a moment ago.
	stagedAt, ok := r.conn.wasRead(m.ImportID)
	if !ok {
		stagedAt = time.Now()
	}
	imp := w.wait(ctx, permissionassist.ApplicationImport{ID: m.ImportID.ValueString(), StagedAt: stagedAt}, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	var finished completeImportModel
	resp.Diagnostics.Append(finished.fromAPI(imp)...)
	m.Number, m.Status, m.Metrics = finished.Number, finished.Status, finished.Metrics
	m.BuildStart, m.BuildEnd = finished.BuildStart, finished.BuildEnd
	m.ApplicationID = types.StringNull()
	if imp.Application != nil {
		m.ApplicationID = types.StringValue(imp.Application.ID)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// Read sends no request: a finished import never changes.
func (r *applicationImportCompletionResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {
}

// Update changes settings of a wait that is over. The plan has kept the
// results.
func (r *applicationImportCompletionResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

// Delete sends no request: canceling the import is up to the resource that
// staged it.
func (r *applicationImportCompletionResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}
