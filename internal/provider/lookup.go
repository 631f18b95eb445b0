package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// lookup is a data source, and what it has in common with the ephemeral
// resource of the same name. M is their model.
type lookup[M any] struct {
	// name is the type's name after the provider's.
	name        string
	description string
	attributes  map[string]schema.Attribute
	// isEphemeral is set if there is an ephemeral resource, too.
	isEphemeral bool
	// read sets the results in a model that has the arguments.
	read func(context.Context, *connection, *M, *diag.Diagnostics)
}

func (l lookup[M]) dataSource() datasource.DataSource { return &lookupDataSource[M]{lookup: l} }

func (l lookup[M]) ephemeralResource() ephemeral.EphemeralResource {
	return &lookupEphemeralResource[M]{lookup: l}
}

// fill reads the arguments and sets the results; false if there are errors.
func (l lookup[M]) fill(ctx context.Context, conn *connection, config tfsdk.Config, diags *diag.Diagnostics) (M, bool) {
	var m M
	diags.Append(config.Get(ctx, &m)...)
	if !diags.HasError() && requireConnection(conn, diags) {
		l.read(ctx, conn, &m, diags)
	}
	return m, !diags.HasError()
}

type lookupDataSource[M any] struct {
	lookup[M]
	conn *connection
}

func (d *lookupDataSource[M]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *lookupDataSource[M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: d.attributes, MarkdownDescription: d.description}
	if d.isEphemeral {
		resp.Schema.MarkdownDescription += "\n\nTerraform stores the result in the state and in plan files. To avoid that, and to read it " +
			"again when a saved plan is applied, use the ephemeral resource of the same name."
	}
}

func (d *lookupDataSource[M]) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.conn, _ = req.ProviderData.(*connection)
}

func (d *lookupDataSource[M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	if m, ok := d.fill(ctx, d.conn, req.Config, &resp.Diagnostics); ok {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

type lookupEphemeralResource[M any] struct {
	lookup[M]
	conn *connection
}

func (e *lookupEphemeralResource[M]) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + e.name
}

func (e *lookupEphemeralResource[M]) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	attributes := map[string]ephemeralschema.Attribute{}
	for name, attribute := range e.attributes {
		attributes[name] = attribute
	}
	resp.Schema = ephemeralschema.Schema{Attributes: attributes, MarkdownDescription: e.description + "\n\n" +
		"Terraform stores nothing from an ephemeral resource in the state or in a plan file. It reads it during the plan, and again when a " +
		"saved plan is applied. Needs Terraform 1.10 or OpenTofu 1.11."}
}

func (e *lookupEphemeralResource[M]) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.conn, _ = req.ProviderData.(*connection)
}

func (e *lookupEphemeralResource[M]) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	if m, ok := e.fill(ctx, e.conn, req.Config, &resp.Diagnostics); ok {
		resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
	}
}
