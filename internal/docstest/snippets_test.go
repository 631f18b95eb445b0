package docstest_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/docstest"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/provider"
)

const importType = "permissionassist_application_import"

// Every configuration in the docs, the README and the examples can be parsed,
// and the provider accepts what it contains of actions, queries and identities.
// This needs no Terraform, so it also checks the snippets that need a newer
// one.
func TestSnippets(t *testing.T) {
	t.Parallel()

	p := newProtocol(t)
	seen := map[string]int{}

	for _, s := range docstest.Snippets(t, "../..") {
		file, diags := hclsyntax.ParseConfig([]byte(s.Text), s.Name, hcl.InitialPos)
		if diags.HasErrors() {
			t.Error(diags)

			continue
		}

		for _, block := range file.Body.(*hclsyntax.Body).Blocks { //nolint:forcetypeassert // the parser returns no other type
			seen[block.Type]++
			if err := p.accepts(t.Context(), s, block); err != nil {
				t.Errorf("%s: %s %v: %v", s.Name, block.Type, block.Labels, err)
			}
		}
	}

	if seen["action"] < 3 || seen["list"] < 2 || seen["import"] < 3 {
		t.Errorf("too few blocks were checked: %v", seen)
	}
}

// protocol validates configurations as Terraform does, in this process.
type protocol struct {
	server   tfprotov6.ProviderServer
	actions  tfprotov6.ActionServer
	lists    tfprotov6.ListResourceServer
	schema   *tfprotov6.GetProviderSchemaResponse
	identity *tfprotov6.ResourceIdentitySchema
}

func newProtocol(t *testing.T) *protocol {
	t.Helper()
	p := &protocol{server: provider.NewServer("test", "", &provider.Secrets{})()}

	var hasActions, hasLists bool
	p.actions, hasActions = p.server.(tfprotov6.ActionServer)
	p.lists, hasLists = p.server.(tfprotov6.ListResourceServer)
	if !hasActions || !hasLists {
		t.Fatal("the server has no actions or no list resources")
	}

	schema, err := p.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := p.server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	p.schema, p.identity = schema, identities.IdentitySchemas[importType]

	config, err := pack(schema.Provider.ValueType(), map[string]cty.Value{
		"endpoint": cty.StringVal("https://permissionassist.example.com"),
		"token":    cty.StringVal("pa_test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := p.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
	if err == nil {
		err = problem(resp.Diagnostics)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// accepts returns an error if the provider, or a Terraform that supports such
// blocks, would reject a block.
func (p *protocol) accepts(ctx context.Context, s docstest.Snippet, block *hclsyntax.Block) error {
	switch block.Type {
	case "action":
		return p.acceptsAction(ctx, block)
	case "list":
		return p.acceptsList(ctx, block)
	case "import":
		return p.acceptsIdentity(ctx, block)
	case "resource":
		return triggersActionsOf(s, block)
	default:
		return nil
	}
}

func (p *protocol) acceptsAction(ctx context.Context, block *hclsyntax.Block) error {
	schema := p.schema.ActionSchemas[block.Labels[0]]
	if schema == nil {
		return errors.New("the provider has no such action")
	}

	config, err := configOf(block, schema.Schema)
	if err != nil {
		return err
	}

	resp, err := p.actions.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: block.Labels[0], Config: config})
	if err != nil {
		return err
	}
	return problem(resp.Diagnostics)
}

func (p *protocol) acceptsList(ctx context.Context, block *hclsyntax.Block) error {
	schema := p.schema.ListResourceSchemas[block.Labels[0]]
	if schema == nil {
		return errors.New("the provider has no such list resource")
	}

	for name := range block.Body.Attributes {
		if !slices.Contains([]string{"provider", "include_resource", "limit"}, name) {
			return fmt.Errorf("Terraform's list blocks have no argument %q", name)
		}
	}

	config, err := configOf(block, schema)
	if err != nil {
		return err
	}

	resp, err := p.lists.ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: block.Labels[0], Config: config,
	})
	if err != nil {
		return err
	}
	return problem(resp.Diagnostics)
}

// acceptsIdentity checks the identity of an import block, if it has one.
func (p *protocol) acceptsIdentity(ctx context.Context, block *hclsyntax.Block) error {
	identity := block.Body.Attributes["identity"]
	if identity == nil {
		return nil
	}

	value, diags := identity.Expr.Value(nil)
	if diags.HasErrors() {
		return diags
	}

	data, err := pack(p.identity.ValueType(), value.AsValueMap())
	if err != nil {
		return err
	}

	resp, err := p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{
		TypeName: importType, Identity: &tfprotov6.ResourceIdentityData{IdentityData: data},
	})
	if err != nil {
		return err
	}
	return problem(resp.Diagnostics)
}

// triggersActionsOf returns an error if a resource triggers an action that is
// not in the same snippet.
func triggersActionsOf(s docstest.Snippet, block *hclsyntax.Block) error {
	for _, lifecycle := range blocksOf(block.Body, "lifecycle") {
		for _, trigger := range blocksOf(lifecycle.Body, "action_trigger") {
			actions := trigger.Body.Attributes["actions"]
			if actions == nil || trigger.Body.Attributes["events"] == nil {
				return errors.New("an action_trigger has events and actions")
			}

			for _, traversal := range actions.Expr.Variables() {
				text := traversal.SourceRange().SliceBytes([]byte(s.Text))
				declared := regexp.MustCompile(`^action\.(\w+)\.(\w+)$`).ReplaceAllString(string(text), `action "$1" "$2" {`)
				if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(declared)).MatchString(s.Text) {
					return fmt.Errorf("there is no %s", text)
				}
			}
		}
	}
	return nil
}

func blocksOf(body *hclsyntax.Body, blockType string) []*hclsyntax.Block {
	return slices.DeleteFunc(slices.Clone(body.Blocks), func(b *hclsyntax.Block) bool { return b.Type != blockType })
}

// configOf packs the config block of a block. The value of an expression that
// refers to something else is unknown.
func configOf(block *hclsyntax.Block, schema *tfprotov6.Schema) (*tfprotov6.DynamicValue, error) {
	given := map[string]cty.Value{}
	for _, config := range blocksOf(block.Body, "config") {
		for name, attribute := range config.Body.Attributes {
			if len(attribute.Expr.Variables()) > 0 {
				given[name] = cty.DynamicVal

				continue
			}

			value, diags := attribute.Expr.Value(nil)
			if diags.HasErrors() {
				return nil, diags
			}
			given[name] = value
		}
	}
	return pack(schema.ValueType(), given)
}

// pack makes an object of that type as Terraform sends it to a provider. An
// attribute that is not given is null.
func pack(typ tftypes.Type, given map[string]cty.Value) (*tfprotov6.DynamicValue, error) {
	text, err := typ.MarshalJSON() //nolint:staticcheck // it is how Terraform writes a type, too
	if err != nil {
		return nil, err
	}
	object, err := ctyjson.UnmarshalType(text)
	if err != nil {
		return nil, err
	}

	all := map[string]cty.Value{}
	for name, attribute := range object.AttributeTypes() {
		all[name] = cty.NullVal(attribute)
	}
	for name, value := range given {
		if !object.HasAttribute(name) {
			return nil, fmt.Errorf("the provider has no argument %q", name)
		}
		if all[name], err = convert.Convert(value, object.AttributeType(name)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}

	packed, err := msgpack.Marshal(cty.ObjectVal(all), object)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.DynamicValue{MsgPack: packed}, nil
}

// problem returns an error that lists the diagnostics, nil if there are none.
func problem(diags []*tfprotov6.Diagnostic) error {
	var all error
	for _, d := range diags {
		all = errors.Join(all, fmt.Errorf("%s: %s", d.Summary, d.Detail))
	}
	return all
}
