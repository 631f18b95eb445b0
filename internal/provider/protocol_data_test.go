package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// readData reads a data source.
func (p *protocol) readData(typeName string, config values) (values, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	schema := p.schema.DataSourceSchemas[typeName]
	req := &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: p.pack(schema, config)}
	resp := send(p.t.Context(), p, p.server.ReadDataSource, req)
	return p.unpack(schema.ValueType(), resp.State), resp.Diagnostics
}

// cleanReadData reads a data source and returns its attributes.
func (p *protocol) cleanReadData(typeName string, config values) values {
	p.t.Helper()
	attributes, diags := p.readData(typeName, config)
	wantClean(p.t, diags)
	return attributes
}

// open opens an ephemeral resource.
func (p *protocol) open(typeName string, config values) (values, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	schema := p.schema.EphemeralResourceSchemas[typeName]
	req := &tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: p.pack(schema, config)}
	resp := send(p.t.Context(), p, p.server.OpenEphemeralResource, req)
	return p.unpack(schema.ValueType(), resp.Result), resp.Diagnostics
}

// cleanOpen opens an ephemeral resource and returns its attributes.
func (p *protocol) cleanOpen(typeName string, config values) values {
	p.t.Helper()
	attributes, diags := p.open(typeName, config)
	wantClean(p.t, diags)
	return attributes
}

// errorCase is a data source that cannot be read, with fragments of its errors
// or warnings. arrange is nil if the server is as it is.
type errorCase struct {
	config  values
	arrange func(*sandbox.Server)
	want    string
}

func inject(f sandbox.Fault) func(*sandbox.Server) { return func(s *sandbox.Server) { s.Inject(f) } }

func dialect(d sandbox.Dialect) func(*sandbox.Server) {
	return func(s *sandbox.Server) { s.SetDialect(d) }
}

// wantDataErrors reads a data source on a new server for each case.
func wantDataErrors(t *testing.T, typeName string, newServer func(*testing.T, sandbox.Dialect) target, cases map[string]errorCase) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newServer(t, sandbox.Dialect{})
			if tc.arrange != nil {
				tc.arrange(tg.sandbox)
			}
			_, diags := configuredProtocol(t, tg).readData(typeName, tc.config)
			wantContains(t, details(diags), tc.want)
		})
	}
}
