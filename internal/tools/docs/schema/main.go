// Command schema writes the provider's schema to standard output, as the JSON
// that tfplugindocs reads ("terraform providers schema -json" writes the same).
//
// It reads the schema from the provider in this process, not from Terraform:
// the docs must not depend on Terraform's version.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/provider"
)

func main() {
	document, err := describe(context.Background(), provider.NewServer("dev", "", &provider.Secrets{})())
	if err == nil {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(document)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

// object is a JSON object. Go's encoder sorts the keys.
type object = map[string]any

// describe returns the document for one provider, under its short name.
func describe(ctx context.Context, server tfprotov6.ProviderServer) (object, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	if err := failure(append(schemas.Diagnostics, identities.Diagnostics...)); err != nil {
		return nil, err
	}
	described := compact(object{
		"provider":                   schema(schemas.Provider),
		"resource_schemas":           each(schemas.ResourceSchemas, schema),
		"data_source_schemas":        each(schemas.DataSourceSchemas, schema),
		"ephemeral_resource_schemas": each(schemas.EphemeralResourceSchemas, schema),
		"list_resource_schemas":      each(schemas.ListResourceSchemas, schema),
		"action_schemas":             each(schemas.ActionSchemas, action),
		"functions":                  each(schemas.Functions, function),
		"resource_identity_schemas":  each(identities.IdentitySchemas, identity),
	})
	return object{
		"format_version":   "1.0",
		"provider_schemas": object{"permissionassist": described},
	}, nil
}

func failure(diagnostics []*tfprotov6.Diagnostic) error {
	var all error
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			all = errors.Join(all, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	return all
}

func each[T, D any](all map[string]T, describe func(T) D) object {
	described := object{}
	for name, one := range all {
		described[name] = describe(one)
	}
	return described
}

func schema(s *tfprotov6.Schema) object {
	return object{"version": s.Version, "block": block(s.Block)}
}

func action(a *tfprotov6.ActionSchema) object {
	return object{"block": block(a.Schema.Block)}
}

func block(b *tfprotov6.SchemaBlock) object {
	nested := object{}
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = compact(object{
			"nesting_mode": blockNesting[n.Nesting],
			"block":        block(n.Block),
			"min_items":    n.MinItems,
			"max_items":    n.MaxItems,
		})
	}
	return compact(object{
		"attributes":       attributes(b.Attributes),
		"block_types":      nested,
		"description":      b.Description,
		"description_kind": kind(b.DescriptionKind),
		"deprecated":       b.Deprecated,
	})
}

func attributes(all []*tfprotov6.SchemaAttribute) object {
	described := object{}
	for _, a := range all {
		one := object{
			"description":      a.Description,
			"description_kind": kind(a.DescriptionKind),
			"deprecated":       a.Deprecated,
			"required":         a.Required,
			"optional":         a.Optional,
			"computed":         a.Computed,
			"sensitive":        a.Sensitive,
			"write_only":       a.WriteOnly,
		}
		if a.NestedType == nil {
			one["type"] = typeOf(a.Type)
		} else {
			one["nested_type"] = object{
				"attributes":   attributes(a.NestedType.Attributes),
				"nesting_mode": objectNesting[a.NestedType.Nesting],
			}
		}
		described[a.Name] = compact(one)
	}
	return described
}

func identity(s *tfprotov6.ResourceIdentitySchema) object {
	described := object{}
	for _, a := range s.IdentityAttributes {
		described[a.Name] = compact(object{
			"type":                typeOf(a.Type),
			"description":         a.Description,
			"required_for_import": a.RequiredForImport,
			"optional_for_import": a.OptionalForImport,
		})
	}
	return object{"version": s.Version, "attributes": described}
}

func function(f *tfprotov6.Function) object {
	parameters := make([]object, 0, len(f.Parameters))
	for _, p := range f.Parameters {
		parameters = append(parameters, parameter(p))
	}
	described := object{
		"summary":             f.Summary,
		"description":         f.Description,
		"deprecation_message": f.DeprecationMessage,
		"return_type":         typeOf(f.Return.Type),
		"parameters":          parameters,
	}
	if f.VariadicParameter != nil {
		described["variadic_parameter"] = parameter(f.VariadicParameter)
	}
	return compact(described)
}

func parameter(p *tfprotov6.FunctionParameter) object {
	return compact(object{
		"name":        p.Name,
		"description": p.Description,
		"is_nullable": p.AllowNullValue,
		"type":        typeOf(p.Type),
	})
}

var blockNesting = map[tfprotov6.SchemaNestedBlockNestingMode]string{
	tfprotov6.SchemaNestedBlockNestingModeSingle: "single",
	tfprotov6.SchemaNestedBlockNestingModeList:   "list",
	tfprotov6.SchemaNestedBlockNestingModeSet:    "set",
	tfprotov6.SchemaNestedBlockNestingModeMap:    "map",
	tfprotov6.SchemaNestedBlockNestingModeGroup:  "group",
}

var objectNesting = map[tfprotov6.SchemaObjectNestingMode]string{
	tfprotov6.SchemaObjectNestingModeSingle: "single",
	tfprotov6.SchemaObjectNestingModeList:   "list",
	tfprotov6.SchemaObjectNestingModeSet:    "set",
	tfprotov6.SchemaObjectNestingModeMap:    "map",
}

func kind(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}

// typeOf returns a type as Terraform writes it: "string", ["list","string"].
func typeOf(t tftypes.Type) any {
	switch t := t.(type) {
	case tftypes.List:
		return []any{"list", typeOf(t.ElementType)}
	case tftypes.Set:
		return []any{"set", typeOf(t.ElementType)}
	case tftypes.Map:
		return []any{"map", typeOf(t.ElementType)}
	case tftypes.Object:
		return []any{"object", each(t.AttributeTypes, typeOf)}
	}
	switch {
	case t.Is(tftypes.Bool):
		return "bool"
	case t.Is(tftypes.Number):
		return "number"
	case t.Is(tftypes.String):
		return "string"
	}
	return "dynamic"
}

// compact omits false, 0, "" and empty objects.
func compact(o object) object {
	for key, value := range o {
		switch v := value.(type) {
		case bool:
			if !v {
				delete(o, key)
			}
		case int64:
			if v == 0 {
				delete(o, key)
			}
		case string:
			if v == "" {
				delete(o, key)
			}
		case object:
			if len(v) == 0 {
				delete(o, key)
			}
		}
	}
	return o
}
