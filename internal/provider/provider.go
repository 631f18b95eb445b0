package provider

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// Address is the provider's address in the Terraform registry.
const Address = "registry.terraform.io/permissionassist/permissionassist"

var (
	_ provider.Provider                   = (*permissionAssistProvider)(nil)
	_ provider.ProviderWithActions        = (*permissionAssistProvider)(nil)
	_ provider.ProviderWithFunctions      = (*permissionAssistProvider)(nil)
	_ provider.ProviderWithListResources  = (*permissionAssistProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*permissionAssistProvider)(nil)
)

// New returns a function that makes the provider, as providerserver wants it.
// version and commit name the build; they show in the user agent.
func New(version, commit string) func() provider.Provider {
	return func() provider.Provider {
		return &permissionAssistProvider{version: version, commit: commit}
	}
}

type permissionAssistProvider struct {
	version, commit string
}

// Metadata implements provider.Provider.
func (p *permissionAssistProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "permissionassist"
	resp.Version = p.version
}

// Schema implements provider.Provider.
func (p *permissionAssistProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Stages, watches and cancels the imports that keep the access data of applications fresh in " +
			"Permission Assist, the on-premises product with which banks and credit unions review who may do what.",
		Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{
				MarkdownDescription: "Address of the Permission Assist server, such as `https://permissionassist.example.com`, with or " +
					"without a trailing `/` or `/api`. https only, or http to a loopback address; see `allow_insecure_http`. " +
					"Can also be set with the environment variable `" + envEndpoint + "`; one of the two is required.",
				Optional: true,
			},
			"token": schema.StringAttribute{
				MarkdownDescription: "API token (`pa_…`). It opens every endpoint of the server, so keep it out of the configuration: " +
					"use the environment variable `" + envToken + "`, or an ephemeral or sensitive value. One of the two is required. " +
					"The name that the token has in Permission Assist is what its audit trail and `created_by` show.",
				Optional:   true,
				Sensitive:  true,
				Validators: []validator.String{tokenCheck()},
			},
			"ca_cert_file": schema.StringAttribute{
				MarkdownDescription: "Path of a file with PEM encoded certificates of authorities to trust besides the system's. " +
					"Can also be set with the environment variable `" + envCACertFile + "`. Conflicts with `ca_cert_pem`.",
				Optional: true,
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
					stringvalidator.ConflictsWith(path.MatchRoot("ca_cert_pem")),
				},
			},
			"ca_cert_pem": schema.StringAttribute{
				MarkdownDescription: "PEM encoded certificates of authorities to trust besides the system's. Conflicts with `ca_cert_file`.",
				Optional:            true,
				Validators:          []validator.String{caCertPEMCheck()},
			},
			"client_cert_file": schema.StringAttribute{
				MarkdownDescription: "Path of a file with the PEM encoded certificate (and its chain) that a server behind mutual TLS asks " +
					"for. Can also be set with the environment variable `" + envClientCertFile + "`. Requires `client_key_file`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"client_key_file": schema.StringAttribute{
				MarkdownDescription: "Path of a file with the PEM encoded, unencrypted private key of `client_cert_file`. Can also be set with " +
					"the environment variable `" + envClientKeyFile + "`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"insecure_skip_verify": schema.BoolAttribute{
				MarkdownDescription: "Whether to accept any certificate that the server presents. Whoever is in between can then read the " +
					"token, so every run warns of it. Default: `false`.",
				Optional: true,
			},
			"allow_insecure_http": schema.BoolAttribute{
				MarkdownDescription: "Whether to allow plain http to a server that is not on a loopback address. The token is then sent " +
					"unencrypted. Default: `false`.",
				Optional: true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one attempt of one request may take, from connecting to the last byte of the answer (while " +
					"files are uploaded: how long nothing moves), as a positive duration such as `30s` or `2m`. Waiting for an import is not one request; see the resource's `timeouts`. " +
					"It is also how long a staging whose connection broke is looked for before it is repeated, so do not set it below what " +
					"the server needs. Default: `" + permissionassist.DefaultRequestTimeout.String() + "`.",
				Optional:   true,
				Validators: []validator.String{durationCheck()},
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How often a request is repeated where repeating is safe: after a failed connection, 429 and 5xx for " +
					"everything that reads or cancels; for staging only where the server says that it did nothing, or where nothing has " +
					"come of a broken connection in all the time that `request_timeout` gives. 0 to 20. Default: `" +
					strconv.Itoa(permissionassist.DefaultMaxRetries) + "`.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, 20)},
			},
		},
	}
}

// ValidateConfig implements provider.ProviderWithValidateConfig.
func (p *permissionAssistProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() || m.Endpoint.IsNull() || m.Endpoint.IsUnknown() || m.AllowInsecureHTTP.IsUnknown() {
		return
	}

	if _, err := permissionassist.ParseEndpoint(m.Endpoint.ValueString(), m.AllowInsecureHTTP.ValueBool()); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("endpoint"), "Invalid endpoint", sentence(err))
	}
}

// Configure implements provider.Provider.
func (p *permissionAssistProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() {
		return
	}

	if m.hasUnknown() {
		// While planning, what a value comes from may not exist yet. Nothing
		// that this plan can do without the server shall fail for it.
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		}

		return
	}

	cfg := m.clientConfig(&resp.Diagnostics)
	cfg.UserAgent = p.userAgent(req.TerraformVersion)

	if resp.Diagnostics.HasError() {
		return
	}

	client, err := permissionassist.New(cfg)
	if err != nil {
		addConfigError(&resp.Diagnostics, err)

		return
	}

	resp.ResourceData = client
	resp.DataSourceData = client
	resp.ActionData = client
	resp.ListResourceData = client
}

// Resources implements provider.Provider.
func (p *permissionAssistProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newApplicationImportResource}
}

// DataSources implements provider.Provider.
func (p *permissionAssistProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newApplicationDataSource, newApplicationsDataSource, newApplicationImportDataSource, newApplicationImportsDataSource,
	}
}

// Functions implements provider.ProviderWithFunctions.
func (p *permissionAssistProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newParseApplicationIDFunction}
}

// Actions implements provider.ProviderWithActions.
func (p *permissionAssistProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newStageApplicationImportAction, newCancelApplicationImportAction}
}

// ListResources implements provider.ProviderWithListResources.
func (p *permissionAssistProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newApplicationImportListResource}
}
