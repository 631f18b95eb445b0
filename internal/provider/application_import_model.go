package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// importModel has what every response reports about an import, including those
// of the list.
type importModel struct {
	ID         types.String `tfsdk:"id"`
	Number     types.Int64  `tfsdk:"number"`
	Type       types.String `tfsdk:"type"`
	Status     types.String `tfsdk:"status"`
	BuildStart types.String `tfsdk:"build_start"`
	BuildEnd   types.String `tfsdk:"build_end"`
}

// fromAPI sets the attributes from a response, in which the client has filled
// in what never changes. The ID keeps its spelling.
func (m *importModel) fromAPI(imp permissionassist.ApplicationImport) {
	if !permissionassist.SameGUID(m.ID.ValueString(), imp.ID) {
		m.ID = types.StringValue(imp.ID)
	}
	m.Number = int64OrNull(imp.Number)
	m.Type = stringOrNull(imp.Type)
	m.Status = stringOrNull(string(imp.Status))
	m.BuildStart = stringOrNull(imp.BuildStart)
	m.BuildEnd = stringOrNull(imp.BuildEnd)
}

// Descriptions that the resources change or use on their own.
const (
	importNumber  = "Number of the import, as people see it in Permission Assist." + nullUnknown
	importMetrics = "Result of the import as normalized JSON; read it with `jsondecode`. The vendor does not document its shape. Null"
	importStatus  = "Status of the import when it was last read. Not ended: `Pending`, `Running` or `Canceling`. Ended: `Finished`, " +
		"`Failed` or `Canceled`. Permission Assist can report statuses that the vendor does not document, for example for an import that is " +
		"paused for a review."
)

func importAttributes() map[string]schema.Attribute {
	attributes := computedTexts(map[string]string{
		"id": "GUID of the import, in lower case.",
		"type": "Type of the import as the server reports it: `API`, `Scheduled` or `Manual`. A staged import may be reported as " +
			"`Scheduled`." +
			nullUnknown,
		"status":      importStatus,
		"build_start": "Time when the import started" + asReported + " Null until then.",
		"build_end":   "Time when the import ended" + asReported + " Null until then.",
	})
	attributes["number"] = computedNumber(importNumber)
	return attributes
}

// listedImportModel is an import in the result of a data source.
type listedImportModel struct {
	importModel
	Application *applicationModel `tfsdk:"application"`
}

func listedImportAttributes() map[string]schema.Attribute {
	attributes := importAttributes()
	attributes["application"] = computedObject(
		"The application. Null if the server does not report it, for example after it was deleted.", applicationAttributes())
	return attributes
}

// completeImportModel adds what only the response about one import has.
type completeImportModel struct {
	importModel
	CreatedBy types.String         `tfsdk:"created_by"`
	Metrics   jsontypes.Normalized `tfsdk:"metrics"`
}

func addCompleteAttributes(attributes map[string]schema.Attribute) {
	attributes["created_by"] = computedText("Name of the token or person that staged the import." + nullUnknown)
	attributes["metrics"] = computedJSON(importMetrics + " until the import has finished, and on servers without the endpoint for a single " +
		"import.")
}

// fromAPI sets the attributes from a response, and warns if one is dropped.
func (m *completeImportModel) fromAPI(imp permissionassist.ApplicationImport) diag.Diagnostics {
	var diags diag.Diagnostics

	m.importModel.fromAPI(imp)
	m.CreatedBy = stringOrNull(imp.CreatedBy)
	m.Metrics = jsonOrNull(imp.Metrics)
	if imp.MetricsTooLarge {
		explain.AddTooLargeWarning(&diags, path.Root("metrics"))
	}
	return diags
}

// applicationImportModel is the resource in configuration, plan and state.
type applicationImportModel struct {
	ApplicationID    types.String `tfsdk:"application_id"`
	Triggers         types.Map    `tfsdk:"triggers"`
	Files            types.Map    `tfsdk:"files"`
	CancelOnDestroy  types.Bool   `tfsdk:"cancel_on_destroy"`
	RestageOnFailure types.Bool   `tfsdk:"restage_on_failure"`
	MaxAge           types.String `tfsdk:"max_age"`

	completeImportModel
	ApplicationName types.String `tfsdk:"application_name"`
	FilesSHA256     types.Map    `tfsdk:"files_sha256"`
	StagedAt        types.String `tfsdk:"staged_at"`
}

// newAdoptedModel returns an import right after terraform import. With these
// settings, a configuration that sets only the application has an empty plan.
func newAdoptedModel(id types.String) applicationImportModel {
	return applicationImportModel{
		Triggers:            types.MapNull(types.StringType),
		Files:               types.MapNull(types.StringType),
		CancelOnDestroy:     types.BoolValue(defaultCancelOnDestroy),
		RestageOnFailure:    types.BoolValue(defaultRestageOnFailure),
		completeImportModel: completeImportModel{importModel: importModel{ID: id}},
		FilesSHA256:         types.MapNull(types.StringType),
	}
}

// cancelsOnDestroy returns the setting. A missing value counts as true.
func (m *applicationImportModel) cancelsOnDestroy() bool {
	return m.CancelOnDestroy.IsNull() || m.CancelOnDestroy.ValueBool()
}

func (m *applicationImportModel) fromAPI(imp permissionassist.ApplicationImport) diag.Diagnostics {
	if app := imp.Application; app != nil {
		m.ApplicationName = stringOrNull(app.Name)
		if m.ApplicationID.IsNull() {
			m.ApplicationID = types.StringValue(app.ID)
		}
	}
	if m.ApplicationName.IsUnknown() {
		m.ApplicationName = types.StringNull()
	}
	return m.completeImportModel.fromAPI(imp)
}

// copyImportFrom copies everything about the import itself from the prior
// state.
func (m *applicationImportModel) copyImportFrom(prior applicationImportModel) {
	m.completeImportModel = prior.completeImportModel
	m.ApplicationName, m.FilesSHA256, m.StagedAt = prior.ApplicationName, prior.FilesSHA256, prior.StagedAt
}

// known returns the import as stored in the state.
func (m *applicationImportModel) known() permissionassist.ApplicationImport {
	imp := permissionassist.ApplicationImport{
		ID: m.ID.ValueString(), Number: m.Number.ValueInt64(), Status: permissionassist.Status(m.Status.ValueString()),
		Type: m.Type.ValueString(), CreatedBy: m.CreatedBy.ValueString(),
		BuildStart: m.BuildStart.ValueString(), BuildEnd: m.BuildEnd.ValueString(), StagedAt: m.stagedAt(),
	}
	if id := guidOf(m.ApplicationID); id != "" {
		imp.Application = &permissionassist.Application{ID: id, Name: m.ApplicationName.ValueString()}
	}
	return imp
}

// stagedAt returns when the import was staged; zero if that is not known.
func (m *applicationImportModel) stagedAt() time.Time {
	at, _ := time.Parse(time.RFC3339, m.StagedAt.ValueString()) // zero with an error
	return at
}

// setImportedStagedAt sets staged_at of an import from terraform import: to the
// time when the import started or, if that is not known, to now.
func (m *applicationImportModel) setImportedStagedAt(now time.Time) {
	if m.StagedAt.ValueString() != "" {
		return
	}

	start, err := permissionassist.ParseTimestamp(m.BuildStart.ValueString(), nil)
	if err != nil {
		start = now
	}
	m.StagedAt = timestamp(start)
}
