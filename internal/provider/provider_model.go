package provider

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// The environment variables that are used for arguments that are not set.
const (
	envEndpoint       = "PERMISSIONASSIST_ENDPOINT"
	envToken          = "PERMISSIONASSIST_TOKEN"
	envCACertFile     = "PERMISSIONASSIST_CA_CERT_FILE"
	envClientCertFile = "PERMISSIONASSIST_CLIENT_CERT_FILE"
	envClientKeyFile  = "PERMISSIONASSIST_CLIENT_KEY_FILE"
	// envAppendUserAgent is Terraform's convention for all providers.
	envAppendUserAgent = "TF_APPEND_USER_AGENT"
)

type providerModel struct {
	Endpoint           types.String `tfsdk:"endpoint"`
	Token              types.String `tfsdk:"token"`
	CACertFile         types.String `tfsdk:"ca_cert_file"`
	CACertPEM          types.String `tfsdk:"ca_cert_pem"`
	ClientCertFile     types.String `tfsdk:"client_cert_file"`
	ClientKeyFile      types.String `tfsdk:"client_key_file"`
	InsecureSkipVerify types.Bool   `tfsdk:"insecure_skip_verify"`
	AllowInsecureHTTP  types.Bool   `tfsdk:"allow_insecure_http"`
	RequestTimeout     types.String `tfsdk:"request_timeout"`
	MaxRetries         types.Int64  `tfsdk:"max_retries"`
}

func (m *providerModel) hasUnknown() bool {
	return slices.ContainsFunc([]attr.Value{
		m.Endpoint, m.Token, m.CACertFile, m.CACertPEM, m.ClientCertFile, m.ClientKeyFile,
		m.InsecureSkipVerify, m.AllowInsecureHTTP, m.RequestTimeout, m.MaxRetries,
	}, attr.Value.IsUnknown)
}

// orEnv returns the argument if it is set, else the environment variable.
func orEnv(argument types.String, name string) string {
	if !argument.IsNull() {
		return argument.ValueString()
	}
	return os.Getenv(name)
}

// tokenSource describes the source of the token.
func (m *providerModel) tokenSource() string {
	if m.Token.IsNull() {
		return "the environment variable " + envToken
	}
	return "the provider's argument token"
}

// missing explains an empty setting: an empty argument that hides an environment
// variable, or else set.
func missing(argument types.String, name, env, set string) string {
	if argument.IsNull() || os.Getenv(env) == "" {
		return set
	}
	return fmt.Sprintf("The argument %s is empty and hides the environment variable %s. Remove the argument, or set it to null.", name, env)
}

// clientConfig converts the arguments and environment variables, and adds an
// error for each argument that is missing or cannot be used.
func (m *providerModel) clientConfig(diags *diag.Diagnostics) permissionassist.Config {
	cfg := permissionassist.Config{
		Endpoint:          orEnv(m.Endpoint, envEndpoint),
		Token:             orEnv(m.Token, envToken),
		AllowInsecureHTTP: m.AllowInsecureHTTP.ValueBool(),
	}

	if cfg.Endpoint == "" {
		diags.AddAttributeError(path.Root("endpoint"), "Missing provider endpoint", missing(m.Endpoint, "endpoint", envEndpoint,
			"Set the argument endpoint or the environment variable "+envEndpoint+" to the address of the Permission Assist server, for example "+
				"https://permissionassist.example.com."))
	}
	if cfg.Token == "" {
		diags.AddAttributeError(path.Root("token"), "Missing provider token", missing(m.Token, "token", envToken,
			"Set the environment variable "+envToken+" (or the argument token, from a sensitive or ephemeral value). An administrator of Permission "+
				"Assist creates tokens; they look like pa_…."))
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

	cfg.TLS = &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: m.caCerts(diags), Certificates: m.clientCert(diags),
		InsecureSkipVerify: m.InsecureSkipVerify.ValueBool(),
	}
	return cfg
}

func (m *providerModel) caCerts(diags *diag.Diagnostics) *x509.CertPool {
	if !m.CACertPEM.IsNull() {
		// The validator has already accepted it.
		pool, _ := permissionassist.ParseCACerts([]byte(m.CACertPEM.ValueString()))
		return pool
	}

	file := orEnv(m.CACertFile, envCACertFile)
	if file == "" {
		return nil
	}

	pem := readFile(diags, "ca_cert_file", envCACertFile, file)
	if pem == nil {
		return nil
	}

	pool, err := permissionassist.ParseCACerts(pem)
	if err != nil {
		addFileError(diags, "ca_cert_file", envCACertFile, file, err)
	}
	return pool
}

func (m *providerModel) clientCert(diags *diag.Diagnostics) []tls.Certificate {
	certFile, keyFile := orEnv(m.ClientCertFile, envClientCertFile), orEnv(m.ClientKeyFile, envClientKeyFile)

	switch {
	case certFile == "" && keyFile == "":
		return nil
	case keyFile == "":
		diags.AddAttributeError(path.Root("client_key_file"), "Missing private key of the client certificate",
			"A client certificate needs its private key. Set the argument client_key_file or the environment variable "+envClientKeyFile+".")
		return nil
	case certFile == "":
		diags.AddAttributeError(path.Root("client_cert_file"), "Missing client certificate",
			"The client's private key needs its certificate. Set the argument client_cert_file or the environment variable "+envClientCertFile+".")
		return nil
	}

	cert := readFile(diags, "client_cert_file", envClientCertFile, certFile)
	key := readFile(diags, "client_key_file", envClientKeyFile, keyFile)

	if cert == nil || key == nil {
		return nil
	}

	var config *permissionassist.ConfigError
	pair, err := permissionassist.ParseClientCert(cert, key)
	switch {
	case errors.As(err, &config) && config.Field == "ClientKeyPEM":
		addFileError(diags, "client_key_file", envClientKeyFile, keyFile, config.Err)
	case errors.As(err, &config):
		addFileError(diags, "client_cert_file", envClientCertFile, certFile, config.Err)
	}
	return []tls.Certificate{pair}
}

// readFile reads the file of an argument or environment variable. If it cannot
// be read or is empty, readFile adds an error and returns nil.
func readFile(diags *diag.Diagnostics, attribute, env, file string) []byte {
	content, err := os.ReadFile(file)
	if err == nil && len(content) == 0 {
		err = errors.New("it is empty")
	}

	if err != nil {
		addFileError(diags, attribute, env, file, err)
		return nil
	}
	return content
}

func addFileError(diags *diag.Diagnostics, attribute, env, file string, err error) {
	diags.AddAttributeError(path.Root(attribute), "Invalid file in "+attribute, fmt.Sprintf(
		"The file %q, from the argument %s or the environment variable %s, cannot be used: %s.", file, attribute, env,
		strings.TrimSuffix(err.Error(), ".")))
}

// addConfigError adds the client's error about a setting to the argument that
// the setting comes from.
func addConfigError(diags *diag.Diagnostics, err error) {
	// The other fields have already been validated.
	attributes := map[string]struct{ name, env string }{
		"Endpoint": {"endpoint", envEndpoint},
		"Token":    {"token", envToken},
	}

	var config *permissionassist.ConfigError
	if errors.As(err, &config) && config.Field == "Proxy" {
		diags.AddError("Invalid proxy address", sentence(config.Err))
		return
	}
	if config == nil || attributes[config.Field].name == "" {
		diags.AddError("Invalid provider configuration", sentence(err))
		return
	}

	attribute := attributes[config.Field]

	diags.AddAttributeError(path.Root(attribute.name), "Invalid provider "+attribute.name, joinParagraphs(sentence(config.Err), fmt.Sprintf(
		"The value comes from the argument %s or, if that is not set, from the environment variable %s.", attribute.name, attribute.env)))
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

	if more := strings.Join(strings.Fields(permissionassist.Printable(os.Getenv(envAppendUserAgent))), " "); more != "" {
		agent += " " + more
	}
	return agent
}
