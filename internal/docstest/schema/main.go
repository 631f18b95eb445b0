// Command schema writes the provider's schema to standard output, in the form
// of "terraform providers schema -json", for tfplugindocs.
//
// The CLI itself cannot write it for the docs. OpenTofu 1.12.6 and Terraform
// 1.11.4 leave out actions and list resources (internal/command/jsonprovider in
// their sources). A Terraform that has them (1.14) is under the BUSL-1.1, so it is
// not built here like the other tools.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/provider"
)

func main() {
	if err := write(context.Background(), provider.NewServer("dev", "", &provider.Secrets{})()); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

type object = map[string]any

func write(ctx context.Context, server tfprotov6.ProviderServer) error {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return err
	}
	for _, d := range append(schemas.Diagnostics, identities.Diagnostics...) {
		return fmt.Errorf("%s: %s", d.Summary, d.Detail)
	}

	return json.NewEncoder(os.Stdout).Encode(object{
		"format_version": "1.0",
		"provider_schemas": object{"permissionassist": object{
			"provider":                   schema(schemas.Provider),
			"resource_schemas":           each(schemas.ResourceSchemas, schema),
			"data_source_schemas":        each(schemas.DataSourceSchemas, schema),
			"ephemeral_resource_schemas": each(schemas.EphemeralResourceSchemas, schema),
			"list_resource_schemas":      each(schemas.ListResourceSchemas, schema),
			"action_schemas":             each(schemas.ActionSchemas, func(a *tfprotov6.ActionSchema) object { return schema(a.Schema) }),
			"functions":                  each(schemas.Functions, function),
			"resource_identity_schemas":  each(identities.IdentitySchemas, identity),
		}},
	})
}

func each[T any](all map[string]T, describe func(T) object) object {
	described := object{}
	for name, one := range all {
		described[name] = describe(one)
	}
	return described
}

func schema(s *tfprotov6.Schema) object {
	return object{"version": s.Version, "block": block(s.Block)}
}

func block(b *tfprotov6.SchemaBlock) object {
	nested := object{}
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = object{
			"nesting_mode": lower(n.Nesting), "block": block(n.Block), "min_items": n.MinItems, "max_items": n.MaxItems,
		}
	}
	return object{
		"attributes": attributes(b.Attributes), "block_types": nested, "description": b.Description,
		"description_kind": lower(b.DescriptionKind), "deprecated": b.Deprecated,
	}
}

func attributes(all []*tfprotov6.SchemaAttribute) object {
	described := object{}
	for _, a := range all {
		one := object{
			"description": a.Description, "description_kind": lower(a.DescriptionKind), "deprecated": a.Deprecated,
			"required": a.Required, "optional": a.Optional, "computed": a.Computed, "sensitive": a.Sensitive, "write_only": a.WriteOnly,
		}
		if n := a.NestedType; n != nil {
			one["nested_type"] = object{"attributes": attributes(n.Attributes), "nesting_mode": lower(n.Nesting)}
		} else {
			one["type"] = a.Type
		}
		described[a.Name] = one
	}
	return described
}

func identity(s *tfprotov6.ResourceIdentitySchema) object {
	described := object{}
	for _, a := range s.IdentityAttributes {
		described[a.Name] = object{
			"type": a.Type, "description": a.Description,
			"required_for_import": a.RequiredForImport, "optional_for_import": a.OptionalForImport,
		}
	}
	return object{"version": s.Version, "attributes": described}
}

func function(f *tfprotov6.Function) object {
	parameters := []object{}
	for _, p := range f.Parameters {
		parameters = append(parameters, parameter(p))
	}
	described := object{
		"summary": f.Summary, "description": f.Description, "deprecation_message": f.DeprecationMessage,
		"return_type": f.Return.Type, "parameters": parameters,
	}
	if f.VariadicParameter != nil {
		described["variadic_parameter"] = parameter(f.VariadicParameter)
	}
	return described
}

func parameter(p *tfprotov6.FunctionParameter) object {
	return object{"name": p.Name, "description": p.Description, "is_nullable": p.AllowNullValue, "type": p.Type}
}

// lower returns a constant of the protocol as Terraform writes it: "single",
// "markdown".
func lower(constant fmt.Stringer) string { return strings.ToLower(constant.String()) }
