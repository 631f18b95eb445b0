package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// twin is what a data source and the ephemeral resource of the same name have
// in common. M is their model.
type twin[M any] struct {
	// name is the type's name after the provider's.
	name        string
	description string
	attributes  func() map[string]schema.Attribute
	// read sets the results in a model that has the arguments.
	read func(context.Context, *connection, *M, *diag.Diagnostics)
}

func (t twin[M]) dataSource() datasource.DataSource { return &twinDataSource[M]{twin: t} }

func (t twin[M]) ephemeralResource() ephemeral.EphemeralResource {
	return &twinEphemeralResource[M]{twin: t}
}

// fill reads the arguments and sets the results; false if there are errors.
func (t twin[M]) fill(ctx context.Context, conn *connection, config interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}, diags *diag.Diagnostics) (M, bool) {
	var m M
	diags.Append(config.Get(ctx, &m)...)
	if !diags.HasError() && requireConnection(conn, diags) {
		t.read(ctx, conn, &m, diags)
	}
	return m, !diags.HasError()
}

type twinDataSource[M any] struct {
	twin[M]
	conn *connection
}

func (d *twinDataSource[M]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *twinDataSource[M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: d.attributes(), MarkdownDescription: d.description + "\n\n" +
		"Terraform stores the result in the state and in plan files. To avoid that, and to read it again when a saved plan is applied, use the " +
		"ephemeral resource of the same name."}
}

func (d *twinDataSource[M]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *twinDataSource[M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	if m, ok := d.fill(ctx, d.conn, req.Config, &resp.Diagnostics); ok {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

type twinEphemeralResource[M any] struct {
	twin[M]
	conn *connection
}

func (e *twinEphemeralResource[M]) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + e.name
}

func (e *twinEphemeralResource[M]) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	// Both schemas have the same interface for attributes.
	attributes := map[string]ephemeralschema.Attribute{}
	for name, attribute := range e.attributes() {
		attributes[name] = attribute
	}
	resp.Schema = ephemeralschema.Schema{Attributes: attributes, MarkdownDescription: e.description + "\n\n" +
		"Terraform stores nothing of an ephemeral resource in the state or in a plan file. It reads it during the plan, and again when a saved plan " +
		"is applied. Needs Terraform 1.10 or OpenTofu 1.11."}
}

func (e *twinEphemeralResource[M]) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.conn = connectionFrom(req.ProviderData, &resp.Diagnostics)
}

func (e *twinEphemeralResource[M]) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	if m, ok := e.fill(ctx, e.conn, req.Config, &resp.Diagnostics); ok {
		resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
	}
}

// filter returns an argument for a set of values that the vendor documents. An
// empty set matches nothing.
func filter(description string, known []string) schema.SetAttribute {
	return schema.SetAttribute{
		MarkdownDescription: description + " `" + strings.Join(known, "`, `") + "`. Case and spaces do not matter. A value that the vendor does not " +
			"document is a warning. An empty set matches nothing. Default: any.",
		Optional:    true,
		ElementType: types.StringType,
		Validators: []validator.Set{
			setvalidator.NoNullValues(), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)), documentedValues{known},
		},
	}
}

// texts returns an argument for a set of any texts.
func texts(description string) schema.SetAttribute {
	return schema.SetAttribute{
		MarkdownDescription: description, Optional: true, ElementType: types.StringType, Validators: []validator.Set{setvalidator.NoNullValues()},
	}
}

// computedTexts returns attributes with these descriptions.
func computedTexts(descriptions map[string]string) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for name, description := range descriptions {
		attributes[name] = schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return attributes
}

// elementsOf returns the elements of a configured set of strings; nil if the
// set is null.
func elementsOf(set types.Set) []string {
	if set.IsNull() {
		return nil
	}
	elements := []string{}
	for _, element := range set.Elements() {
		if s, ok := element.(types.String); ok {
			elements = append(elements, s.ValueString())
		}
	}
	return elements
}

// setOrNull is null if the slice is nil.
func setOrNull(elements []string) types.Set {
	if elements == nil {
		return types.SetNull(types.StringType)
	}
	values := []attr.Value{}
	for _, element := range slices.Compact(slices.Sorted(slices.Values(elements))) {
		values = append(values, types.StringValue(element))
	}
	return types.SetValueMust(types.StringType, values)
}
