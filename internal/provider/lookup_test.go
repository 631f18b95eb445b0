package provider_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	identitiesType      = "permissionassist_identities"
	accessRequestsType  = "permissionassist_access_requests"
	personnelEventsType = "permissionassist_personnel_events"

	annID, annAdminID, bobID = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c01", "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c02", "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c03"
	carlaID, devID, ellaID   = "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c04", "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c05", "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c06"
	silverlakeID, dnaID      = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e01", "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e02"
	// devRequestID is the access request of the vendor, which is Completed.
	devRequestID = "4d8f6e12-5a71-4c89-ae5f-3b2a1c0d9e03"
	// carlaEventID is the departure of somebody who is still active.
	carlaEventID = "6e9a7f23-6b82-4d9a-bf60-4c3b2d1e0f03"
	ann, bob     = "ann.lee@firstfederal.example", "bob.ortiz@firstfederal.example"
)

// peopleTarget returns a sandbox with the people, requests and events of the
// seed.
func peopleTarget(t *testing.T, d sandbox.Dialect) target {
	t.Helper()
	tg := newFakeTarget(t, sandbox.Options{Applications: sandbox.SeedApplications(), Dialect: d})
	tg.sandbox.SeedPeople()
	return tg
}

func (p *protocol) openEphemeral(typeName string, config values) *tfprotov6.OpenEphemeralResourceResponse {
	p.t.Helper()
	schema := p.schema.EphemeralResourceSchemas[typeName]
	resp := must(p, func(ctx context.Context) (*tfprotov6.OpenEphemeralResourceResponse, error) {
		return p.server.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: p.config(schema, config)})
	})
	p.output.add(resp.Diagnostics, packed(resp.Result))
	return resp
}

// opened opens an ephemeral resource without diagnostics and returns its
// attributes.
func (p *protocol) opened(typeName string, config values) values {
	p.t.Helper()
	resp := p.openEphemeral(typeName, config)
	expectClean(p.t, resp.Diagnostics)
	return p.attributes(p.schema.EphemeralResourceSchemas[typeName], resp.Result)
}

// eachTwin runs a test with the data source and the ephemeral resource of a
// name. read returns the attributes and the diagnostics.
func eachTwin(t *testing.T, p *protocol, typeName string, test func(t *testing.T, read func(values) (values, []*tfprotov6.Diagnostic))) {
	t.Helper()
	t.Run("data source", func(t *testing.T) {
		test(t, func(config values) (values, []*tfprotov6.Diagnostic) {
			resp := p.readData(typeName, config)
			return p.attributes(p.schema.DataSourceSchemas[typeName], resp.State), resp.Diagnostics
		})
	})
	t.Run("ephemeral resource", func(t *testing.T) {
		test(t, func(config values) (values, []*tfprotov6.Diagnostic) {
			resp := p.openEphemeral(typeName, config)
			return p.attributes(p.schema.EphemeralResourceSchemas[typeName], resp.Result), resp.Diagnostics
		})
	})
}

// The twins have the same attributes with the same descriptions, except for the
// details of an access request.
func TestTwins_schema(t *testing.T) {
	t.Parallel()

	p := newProtocol(t)
	for name, ephemeral := range p.schema.EphemeralResourceSchemas {
		data := p.schema.DataSourceSchemas[name]
		if data == nil {
			t.Fatalf("%s has no data source", name)
		}
		got, want := described("", ephemeral.Block.Attributes), described("", data.Block.Attributes)
		if name == accessRequestsType {
			if !strings.Contains(got["requests.details"], "sensitive") {
				t.Errorf("the details are %q", got["requests.details"])
			}
			delete(got, "requests.details")
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s differs:\n%v\n%v", name, got, want)
		}
	}
	if names := slices.Sorted(maps.Keys(p.schema.EphemeralResourceSchemas)); len(names) != 4 {
		t.Errorf("the ephemeral resources are %v", names)
	}
}

// described returns the descriptions of all attributes, by path.
func described(prefix string, attributes []*tfprotov6.SchemaAttribute) map[string]string {
	all := map[string]string{}
	for _, a := range attributes {
		all[prefix+a.Name] = a.Description
		if a.Sensitive {
			all[prefix+a.Name] += " (sensitive)"
		}
		if a.NestedType != nil {
			maps.Copy(all, described(prefix+a.Name+".", a.NestedType.Attributes))
		}
		if a.Description == "" {
			all[prefix+a.Name] = "MISSING"
		}
	}
	return all
}

// Nothing of a person is in a log or a diagnostic, also if a response cannot be
// used.
func TestTwins_noPersonalDataInErrors(t *testing.T) {
	t.Parallel()

	for name, body := range map[string]string{
		"item without id":   `{"items":[{"firstName":"Zenobia","emailAddress":"zenobia@bank.example"}],"totalCount":1}`,
		"cut off":           `{"items":[{"id":"` + annID + `","firstName":"Zenobia","emailAddress":"zenobia@`,
		"a number for text": `{"id":4711,"firstName":"Zenobia"}`,
		"other item":        `{"id":"` + bobID + `","target":{"name":"Zenobia"}}`,
		"not JSON":          `<p>Zenobia</p>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := peopleTarget(t, sandbox.Dialect{})
			for _, status := range []int{200, 404, 500} {
				tg.sandbox.ClearFaults()
				tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: sandbox.Respond(status, "application/json", body)})
				p := configuredWith(t, tg, values{"max_retries": number(0)})
				for typeName, config := range map[string]values{
					identitiesType: nil, accessRequestsType: {"id": str(devRequestID)}, personnelEventsType: {"id": str(carlaEventID)},
				} {
					if resp := p.openEphemeral(typeName, config); !strings.Contains(details(resp.Diagnostics), "ERROR") {
						t.Errorf("%s: %s", typeName, details(resp.Diagnostics))
					}
				}
				expectNone(t, p.output.String(), "Zenobia", "zenobia", "4711", bobID)
			}
		})
	}
}

// An unknown provider configuration is an error that explains itself, or
// defers.
func TestTwins_unknownProvider(t *testing.T) {
	t.Parallel()

	for _, deferral := range []bool{false, true} {
		p := newProtocol(t)
		p.configure(values{"endpoint": unknownString(), "token": str(token)}, deferral)
		resp := p.openEphemeral(identitiesType, nil)
		if got := details(resp.Diagnostics); deferral != (resp.Deferred != nil) || deferral == strings.Contains(got, "Provider configuration is unknown") {
			t.Errorf("deferred %v: %s", resp.Deferred, got)
		}
	}
}
