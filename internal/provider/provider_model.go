package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

type providerModel struct {
	Endpoint           types.String `tfsdk:"endpoint"`
	Token              types.String `tfsdk:"token"`
	CACertFile         types.String `tfsdk:"ca_cert_file"`
	CACertPEM          types.String `tfsdk:"ca_cert_pem"`
	ClientCertFile     types.String `tfsdk:"client_cert_file"`
	ClientCertPEM      types.String `tfsdk:"client_cert_pem"`
	ClientKeyFile      types.String `tfsdk:"client_key_file"`
	ClientKeyPEM       types.String `tfsdk:"client_key_pem"`
	InsecureSkipVerify types.Bool   `tfsdk:"insecure_skip_verify"`
	AllowInsecureHTTP  types.Bool   `tfsdk:"allow_insecure_http"`
	RequestTimeout     types.String `tfsdk:"request_timeout"`
	MaxRetries         types.Int64  `tfsdk:"max_retries"`
}

// orEnv returns the argument if it is set, else the environment variable.
func orEnv(argument types.String, name string) string {
	if !argument.IsNull() {
		return argument.ValueString()
	}
	return os.Getenv(name)
}

func (m *providerModel) tokenSource() string {
	if m.Token.IsNull() {
		return "the environment variable " + explain.EnvToken
	}
	return "the provider's argument token"
}

// missing explains an empty setting: an empty argument that hides an
// environment variable, or else set.
func missing(argument types.String, name, env, set string) string {
	if argument.IsNull() || os.Getenv(env) == "" {
		return set
	}
	return fmt.Sprintf("The argument %s is empty and hides the environment variable %s. Remove the argument, or set it to null.", name, env)
}

// clientConfig converts the arguments and environment variables, and adds an
// error for each argument that is missing or cannot be used.
func (m *providerModel) clientConfig(ctx context.Context, diags *diag.Diagnostics) permissionassist.Config {
	cfg := permissionassist.Config{
		Endpoint:          orEnv(m.Endpoint, explain.EnvEndpoint),
		Token:             orEnv(m.Token, explain.EnvToken),
		AllowInsecureHTTP: m.AllowInsecureHTTP.ValueBool(),
	}

	if cfg.Endpoint == "" {
		diags.AddAttributeError(path.Root("endpoint"), "Missing provider endpoint", missing(m.Endpoint, "endpoint", explain.EnvEndpoint,
			"Set the argument endpoint or the environment variable "+explain.EnvEndpoint+" to the address of the Permission Assist server, for "+
				"example https://permissionassist.example.com."))
	}
	if cfg.Token == "" {
		diags.AddAttributeError(path.Root("token"), "Missing provider token", missing(m.Token, "token", explain.EnvToken,
			"Set the environment variable "+explain.EnvToken+" (or the argument token, from a sensitive or ephemeral value). An administrator of "+
				"Permission Assist creates tokens; they look like pa_…."))
	}
	if m.InsecureSkipVerify.ValueBool() {
		diags.AddAttributeWarning(path.Root("insecure_skip_verify"), "Server certificate is not verified",
			"With insecure_skip_verify, anyone between Terraform and the server can read the token, which gives access to the whole API. "+
				"Set ca_cert_file or ca_cert_pem instead.")
	}

	if !m.RequestTimeout.IsNull() {
		// The validator has already accepted it.
		cfg.RequestTimeout, _ = time.ParseDuration(m.RequestTimeout.ValueString())
	}
	if !m.MaxRetries.IsNull() {
		n := int(m.MaxRetries.ValueInt64())
		cfg.MaxRetries = &n
	}

	cfg.TLS = m.tlsConfig(ctx, diags)
	return cfg
}

// pemSource is where certificates or a key come from: an argument with their
// content, or a file that an argument or an environment variable names.
type pemSource struct {
	content, file              types.String
	contentName, fileName, env string
}

func (m *providerModel) pemSources() (ca, cert, key pemSource) {
	return pemSource{m.CACertPEM, m.CACertFile, "ca_cert_pem", "ca_cert_file", explain.EnvCACertFile},
		pemSource{m.ClientCertPEM, m.ClientCertFile, "client_cert_pem", "client_cert_file", explain.EnvClientCertFile},
		pemSource{m.ClientKeyPEM, m.ClientKeyFile, "client_key_pem", "client_key_file", explain.EnvClientKeyFile}
}

// isSet reports whether an argument or the environment variable is set.
func (s pemSource) isSet() bool { return !s.content.IsNull() || orEnv(s.file, s.env) != "" }

// read returns the content; nil, with an error, if it cannot be read.
func (s pemSource) read(ctx context.Context, diags *diag.Diagnostics) []byte {
	if !s.content.IsNull() {
		return []byte(s.content.ValueString())
	}

	// The validator has not seen a path from the environment: cmd's set
	// NAME="path" includes the quotation marks.
	const limit = 1 << 20
	var data []byte
	err := permissionassist.ValidatePath(orEnv(s.file, s.env))
	if err == nil {
		data, err = permissionassist.ReadSmallFile(ctx, orEnv(s.file, s.env), limit)
	}
	if err != nil {
		s.addError(diags, err)
		return nil
	}
	return data
}

func (s pemSource) addMissing(diags *diag.Diagnostics, summary, reason string) {
	diags.AddAttributeError(path.Root(s.fileName), summary, fmt.Sprintf(
		"%s Set the argument %s or %s, or the environment variable %s.", reason, s.fileName, s.contentName, s.env))
}

// addError reports a problem with the content or the file.
func (s pemSource) addError(diags *diag.Diagnostics, err error) {
	if !s.content.IsNull() {
		diags.AddAttributeError(path.Root(s.contentName), "Invalid value of "+s.contentName, "The value cannot be used: "+explain.Clause(err))
		return
	}
	diags.AddAttributeError(path.Root(s.fileName), "Invalid file in "+s.fileName, fmt.Sprintf(
		"The file %s, from the argument %s or the environment variable %s, cannot be used: %s",
		permissionassist.ShowPath(orEnv(s.file, s.env)), s.fileName, s.env, explain.Clause(err)))
}

// tlsConfig returns the configuration of TLS, and adds an error for each
// argument that cannot be used.
func (m *providerModel) tlsConfig(ctx context.Context, diags *diag.Diagnostics) *tls.Config {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12,
		// The user's explicit choice, off by default; the provider warns about it on
		// every run.
		InsecureSkipVerify: m.InsecureSkipVerify.ValueBool(),
	}

	ca, cert, key := m.pemSources()
	if ca.isSet() {
		if data := ca.read(ctx, diags); data != nil {
			pool, err := permissionassist.ParseCACerts(data)
			if err != nil {
				ca.addError(diags, err)
			}
			config.RootCAs = pool
		}
	}

	switch {
	case !cert.isSet() && !key.isSet():
	case !key.isSet():
		key.addMissing(diags, "Missing private key of the client certificate", "A client certificate needs its private key.")
	case !cert.isSet():
		cert.addMissing(diags, "Missing client certificate", "The client's private key needs its certificate.")
	default:
		certPEM, keyPEM := cert.read(ctx, diags), key.read(ctx, diags)
		if certPEM == nil || keyPEM == nil {
			return config
		}

		pair, err := permissionassist.ParseClientCert(certPEM, keyPEM)
		var problem *permissionassist.ConfigError
		switch {
		case errors.As(err, &problem) && problem.Field == "ClientKeyPEM":
			key.addError(diags, problem.Err)
		case err != nil:
			cert.addError(diags, errors.Unwrap(err))
		default:
			config.Certificates = []tls.Certificate{pair}
		}
	}
	return config
}

// addConfigError adds the client's error about a setting to the argument that
// the setting comes from. The other settings have already been validated.
func addConfigError(diags *diag.Diagnostics, err error) {
	config := &permissionassist.ConfigError{}
	errors.As(err, &config)
	var attribute, env string
	switch config.Field {
	case "Endpoint":
		attribute, env = "endpoint", explain.EnvEndpoint
	case "Token":
		attribute, env = "token", explain.EnvToken
	case "Proxy":
		diags.AddError("Invalid proxy address", explain.Sentence(config.Err))
		return
	default:
		diags.AddError("Invalid provider configuration", explain.Sentence(err))
		return
	}
	diags.AddAttributeError(path.Root(attribute), "Invalid provider "+attribute, explain.Paragraphs(explain.Sentence(config.Err), fmt.Sprintf(
		"The value comes from the argument %s or, if that is not set, from the environment variable %s.", attribute, env)))
}

// userAgent returns the user agent in the form that other providers use.
func (p *permissionAssistProvider) userAgent(terraformVersion string) string {
	if terraformVersion == "" {
		terraformVersion = "unknown"
	}

	agent := fmt.Sprintf("Terraform/%s (+https://www.terraform.io) terraform-provider-permissionassist/%s", terraformVersion, p.version)
	if p.commit != "" {
		agent += " (" + p.commit + ")"
	}

	// Terraform's convention for all providers.
	if more := strings.Join(strings.Fields(permissionassist.Printable(os.Getenv("TF_APPEND_USER_AGENT"))), " "); more != "" {
		agent += " " + more
	}
	return agent
}
