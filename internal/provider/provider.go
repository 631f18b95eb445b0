// Package provider implements the Terraform provider: schemas, plans, states
// and diagnostics. Each resource, data source, action and function has its own
// file. All HTTP is in package permissionassist.
package provider

import (
	"context"
	"maps"
	"net/http"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

// Address is the provider's address in the Terraform registry.
const Address = "registry.terraform.io/permissionassist/permissionassist"

type permissionAssistProvider struct {
	version, commit string
	secrets         *Secrets
	// transport is nil except in tests.
	transport http.RoundTripper
}

func (p *permissionAssistProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "permissionassist"
	resp.Version = p.version
}

func (p *permissionAssistProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	attributes := certificateAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"endpoint": optional("Address of the Permission Assist server, such as `https://permissionassist.example.com`, with or without a " +
			"trailing `/` or `/api`. Must be https, or http to a loopback address (see `allow_insecure_http`). Required, unless the environment " +
			"variable `" + explain.EnvEndpoint + "` is set."),
		"token": schema.StringAttribute{
			MarkdownDescription: "API token (`pa_…`). It gives access to the whole API, so keep it out of the configuration: " +
				"set the environment variable `" + explain.EnvToken + "`, or use an ephemeral or sensitive value. Required, unless the variable is " +
				"set. The audit trail of Permission Assist and `created_by` show the token's name.",
			Optional:   true,
			Sensitive:  true,
			Validators: []validator.String{tokenCheck()},
		},
		"insecure_skip_verify": optionalBool("Whether to accept any certificate from the server. Anyone between Terraform and the server can " +
			"then read the token, so every run prints a warning. Default: `false`."),
		"allow_insecure_http": optionalBool("Whether to allow plain http to a server that is not on a loopback address. This sends the token " +
			"unencrypted. Default: `false`."),
		"request_timeout": optional("Time limit for each attempt to send a request and read the whole response, as a duration such as `30s` or "+
			"`2m`. During an upload, it limits only the time in which no data moves. After a lost response to a staging request, the provider also "+
			"searches for the new import for this long, so do not set it lower than the longest time the server takes to respond. To limit the "+
			"wait for an import, use the `timeouts` of `permissionassist_application_import_completion`. Default: `"+
			permissionassist.DefaultRequestTimeout.String()+"`.", durationCheck()),
		"max_retries": schema.Int64Attribute{
			MarkdownDescription: "Maximum number of retries of a request, from 0 to 20. A request that reads or cancels is retried " +
				"after a connection error, 429 or 5xx. A request that stages an import is retried only if the server certainly did not process " +
				"it: no connection was made, 429, 503 with `Retry-After`, or an upload of which nothing was sent. Default: `" +
				strconv.Itoa(permissionassist.DefaultMaxRetries) + "`.",
			Optional:   true,
			Validators: []validator.Int64{int64validator.Between(0, 20)},
		},
	})

	resp.Schema = schema.Schema{
		MarkdownDescription: "Stages, monitors and cancels application imports in Permission Assist, the on-premises product that " +
			"banks and credit unions use to review who can do what in their applications.",
		Attributes: attributes,
	}
}

// certificateAttributes returns the arguments for TLS with custom certificates.
func certificateAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"ca_cert_pem": optional("CA certificates in PEM format to trust in addition to the system's. Conflicts with "+
			"`ca_cert_file`.", caCertPEMCheck()),
	}
	for name, description := range map[string]string{
		"client_cert_pem": "The client certificate and its chain in PEM format. Requires a private key. Conflicts with `client_cert_file`.",
		"client_key_pem":  "The unencrypted private key of the client certificate in PEM format. Conflicts with `client_key_file`.",
	} {
		attributes[name] = schema.StringAttribute{
			MarkdownDescription: description, Optional: true, Sensitive: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		}
	}
	for pem, file := range map[string]struct{ name, description string }{
		"ca_cert_pem": {"ca_cert_file", "Path of a PEM file with CA certificates to trust in addition to the system's. Environment variable: `" +
			explain.EnvCACertFile + "`."},
		"client_cert_pem": {"client_cert_file", "Path of a PEM file with the client certificate and its chain, for a server that requires " +
			"mutual TLS. Environment variable: `" + explain.EnvClientCertFile + "`. Requires a private key."},
		"client_key_pem": {"client_key_file", "Path of a PEM file with the unencrypted private key of the client certificate. Environment " +
			"variable: `" + explain.EnvClientKeyFile + "`."},
	} {
		attributes[file.name] = optional(file.description+" Conflicts with `"+pem+"`.",
			pathCheck(), stringvalidator.ConflictsWith(path.MatchRoot(pem)))
	}
	return attributes
}

func (p *permissionAssistProvider) ValidateConfig(
	ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse,
) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	// Configure reports an empty endpoint, because it can mention the
	// environment variable.
	if resp.Diagnostics.HasError() || m.Endpoint.IsUnknown() || m.Endpoint.ValueString() == "" || m.AllowInsecureHTTP.IsUnknown() {
		return
	}

	if _, err := permissionassist.ParseEndpoint(m.Endpoint.ValueString(), m.AllowInsecureHTTP.ValueBool()); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("endpoint"), "Invalid provider endpoint", explain.Sentence(err))
	}
}

func (p *permissionAssistProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}

	if !req.Config.Raw.IsFullyKnown() {
		// During a plan, the source of a value may not exist yet. The parts of
		// the plan that need no server must still work.
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		}
		return
	}

	cfg := m.clientConfig(ctx, &resp.Diagnostics)
	cfg.UserAgent = p.userAgent(req.TerraformVersion)
	cfg.Transport = p.transport
	if resp.Diagnostics.HasError() {
		return
	}

	p.secrets.learn(cfg.Token)

	client, err := permissionassist.New(cfg)
	if err != nil {
		addConfigError(&resp.Diagnostics, err)
		return
	}

	conn := &connection{Client: client, stager: staging.New(client), tokenSource: m.tokenSource()}
	resp.ResourceData, resp.DataSourceData, resp.EphemeralResourceData, resp.ActionData, resp.ListResourceData = conn, conn, conn, conn, conn
}

func (p *permissionAssistProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newApplicationImportResource, newApplicationImportCompletionResource}
}

func (p *permissionAssistProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		application().dataSource, applications().dataSource, applicationImport().dataSource, applicationImports().dataSource,
		identities().dataSource, accessRequests(accessRequestAttributes(), newAccessRequestModel).dataSource, personnelEvents().dataSource,
	}
}

func (p *permissionAssistProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		applicationImport().ephemeralResource, identities().ephemeralResource,
		accessRequests(detailedAccessRequestAttributes(), newDetailedAccessRequestModel).ephemeralResource, personnelEvents().ephemeralResource,
	}
}

func (p *permissionAssistProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newParseApplicationIDFunction, newRFC3339Function}
}

func (p *permissionAssistProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newStageApplicationImportAction, newCancelApplicationImportAction}
}

func (p *permissionAssistProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newApplicationImportListResource}
}
