package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// hunter2 is a secret that no diagnostic may show.
const hunter2 = "hunter2"

// Every attribute has a description. Secrets, and texts that can name people,
// are sensitive.
func TestProvider_schema(t *testing.T) {
	t.Parallel()

	p := newProtocol(t, nil)
	var sensitive []string
	var visit func(path string, attributes []*tfprotov6.SchemaAttribute)
	visit = func(path string, attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			if a.Description == "" {
				t.Errorf("%s.%s has no description", path, a.Name)
			}
			if a.Sensitive {
				sensitive = append(sensitive, path+"."+a.Name)
			}
			if a.NestedType != nil {
				visit(path+"."+a.Name, a.NestedType.Attributes)
			}
		}
	}
	visit("provider", p.schema.Provider.Block.Attributes)
	for kind, schemas := range map[string]map[string]*tfprotov6.Schema{
		"resource": p.schema.ResourceSchemas, "data": p.schema.DataSourceSchemas, "ephemeral": p.schema.EphemeralResourceSchemas,
	} {
		for name, schema := range schemas {
			visit(kind+"."+name, schema.Block.Attributes)
		}
	}
	slices.Sort(sensitive)
	want := []string{
		"data." + importDataType + ".log", "ephemeral." + accessRequestsType + ".requests.details", "ephemeral." + importDataType + ".log",
		"provider.client_cert_pem", "provider.client_key_pem", "provider.token",
	}
	if diff := cmp.Diff(want, sensitive); diff != "" {
		t.Error(diff)
	}
}

// Validation that needs environment variables. Not parallel, because they
// belong to the process.
func TestProvider_configureFromEnvironment(t *testing.T) {
	junk := newLocalFile(t, "junk.pem", "hunter2 is not a certificate").path
	good := map[string]string{"ENDPOINT": "http://127.0.0.1:1", "TOKEN": "pa_hunter2"}
	with := func(variable, value string) map[string]string {
		env := maps.Clone(good)
		env[variable] = value
		return env
	}

	for _, tc := range []struct {
		env    map[string]string
		config values
		want   string
	}{
		{good, nil, ""},
		{
			map[string]string{"ENDPOINT": "nonsense", "TOKEN": "bad token"},
			values{"endpoint": "https://pa.example.com", "token": "pa_hunter2"}, "",
		},
		{nil, nil, `Missing provider endpoint … PERMISSIONASSIST_ENDPOINT … AttributeName("endpoint")`},
		{nil, nil, `Missing provider token … PERMISSIONASSIST_TOKEN … AttributeName("token")`},
		{good, values{"endpoint": "", "token": ""}, "argument endpoint is empty and hides … argument token is empty and hides"},
		{with("ENDPOINT", "ftp://pa.example.com"), nil, `Invalid provider endpoint … "ftp://pa.example.com" … PERMISSIONASSIST_ENDPOINT`},
		{with("TOKEN", "$(PERMISSIONASSIST_TOKEN)"), nil, "Invalid provider token … never filled in … PERMISSIONASSIST_TOKEN"},
		{with("CA_CERT_FILE", `"C:\ca.pem"`), nil, "Invalid file in ca_cert_file … quotation marks … PERMISSIONASSIST_CA_CERT_FILE"},
		{good, values{"ca_cert_file": t.TempDir()}, "Invalid file in ca_cert_file … it is a directory, and a file is expected"},
		{good, values{"ca_cert_file": "/does/not/exist.pem"}, `"/does/not/exist.pem" … AttributeName("ca_cert_file")`},
		{good, values{"ca_cert_file": os.DevNull}, "Invalid file in ca_cert_file"},
		{with("CA_CERT_FILE", junk), nil, "junk.pem … no PEM block … PERMISSIONASSIST_CA_CERT_FILE"},
		{good, values{"client_cert_file": junk}, "Missing private key of the client certificate … PERMISSIONASSIST_CLIENT_KEY_FILE"},
		{with("CLIENT_KEY_FILE", junk), nil, "Missing client certificate … PERMISSIONASSIST_CLIENT_CERT_FILE"},
		{good, values{"client_cert_file": junk, "client_key_file": junk}, "Invalid file in client_cert_file … junk.pem … no PEM block"},
		{
			with("CLIENT_KEY_FILE", "-----BEGIN PRIVATE KEY-----\nhunter2\n"), values{"client_cert_pem": "x"},
			"Invalid file in client_key_file … The file (this is content, not a path), from",
		},
		{good, values{"client_cert_pem": hunter2, "client_key_pem": hunter2}, `no PEM block … AttributeName("client_cert_pem")`},
		{good, values{"insecure_skip_verify": true}, "WARNING … Server certificate is not verified … ca_cert_file"},
	} {
		for _, variable := range []string{"ENDPOINT", "TOKEN", "CA_CERT_FILE", "CLIENT_CERT_FILE", "CLIENT_KEY_FILE"} {
			t.Setenv("PERMISSIONASSIST_"+variable, tc.env[variable])
		}
		got := details(newProtocol(t, nil).configure(tc.config, false).Diagnostics)
		if (got == "") != (tc.want == "") {
			t.Errorf("%v, %v: want %q:\n%s", tc.env, tc.config, tc.want, got)
		}
		wantContains(t, got, tc.want)
		wantNotContains(t, got, hunter2)
	}
}

// Requests have the user agent and the token.
func TestProvider_userAgent(t *testing.T) {
	t.Setenv("TF_APPEND_USER_AGENT", "pipeline/7\n")

	tg := newSandboxTarget(t, sandbox.Options{})
	configuredProtocol(t, tg).cleanCreate()
	for _, r := range tg.sandbox.Requests() {
		if got := r.Header.Get("User-Agent"); !strings.HasPrefix(got, "Terraform/1.14.0 ") ||
			!strings.Contains(got, "terraform-provider-permissionassist/test") || !strings.HasSuffix(got, " pipeline/7") {
			t.Errorf("user agent %q", got)
		}
		// Go's transport would repeat a POST with such a header.
		for name := range r.Header {
			if strings.Contains(name, "Idempotency") {
				t.Errorf("%s %s has %s", r.Method, r.Path, name)
			}
		}
		if !r.Authorized {
			t.Errorf("%s %s came without a valid token", r.Method, r.Path)
		}
	}
}

func TestProvider_requestTimeout(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "7s", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{})
		tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: sandbox.Hang()})
		start := time.Now()
		configuredProtocol(t, tg, values{"request_timeout": "7s", "max_retries": 0}).readData(applicationsDataType, nil)
		if took := time.Since(start); took != 7*time.Second {
			t.Errorf("the request took %s", took)
		}
	})
}

// The server's certificate has a private authority, for each way to configure
// it.
func TestProvider_ownAuthority(t *testing.T) {
	t.Parallel()

	server, url, ca := sandboxtest.StartTLS(t, sandbox.Options{Token: token, Applications: []sandbox.Application{{ID: appID, Name: appName}}})
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, ca, 0o600); err != nil {
		t.Fatal(err)
	}

	for name, tc := range map[string]struct {
		config values
		want   string
	}{
		"unknown":      {values{}, "ca_cert_file"},
		"file":         {values{"ca_cert_file": file}, ""},
		"PEM":          {values{"ca_cert_pem": string(ca)}, ""},
		"not verified": {values{"insecure_skip_verify": true}, ""},
	} {
		p := newProtocol(t, nil)
		tc.config["endpoint"], tc.config["token"] = url, token
		p.configure(tc.config, false)
		before := server.Count(sandbox.OpGetApplication)
		_, diags := p.readData(applicationDataType, values{"id": appID})
		if got := details(diags); (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: want %q:\n%s", name, tc.want, got)
		}
		if arrived := server.Count(sandbox.OpGetApplication) > before; arrived != (tc.want == "") {
			t.Errorf("%s: a request arrived: %t", name, arrived)
		}
	}
}
