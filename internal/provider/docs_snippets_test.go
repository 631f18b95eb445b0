package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// docSnippet is a configuration in the docs or the README.
type docSnippet struct {
	// name is the page and the number of the snippet.
	name, text string
}

func docSnippets(t *testing.T) []docSnippet {
	t.Helper()

	var all []docSnippet

	fence := regexp.MustCompile("(?s)\n```(?:terraform|hcl)\n(.*?)\n```")

	for _, pattern := range []string{"../../README.md", "../../docs/*.md", "../../docs/*/*.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}

		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}

			for i, match := range fence.FindAllStringSubmatch(string(text), -1) {
				all = append(all, docSnippet{fmt.Sprintf("%s, snippet %d", page, i+1), match[1] + "\n"})
			}
		}
	}

	return all
}

// Snippets that need a newer Terraform are checked without it: they can be
// parsed, and the provider accepts the configuration of actions, queries and
// identities.
func TestDocs_newerSnippets(t *testing.T) {
	t.Parallel()

	var (
		p    = configuredProtocol(t, newFakeTarget(t, sandbox.Options{}))
		seen = map[string]int{}
	)

	for _, s := range docSnippets(t) {
		file, diags := hclsyntax.ParseConfig([]byte(s.text), s.name, hcl.InitialPos)
		if diags.HasErrors() {
			t.Error(diags)

			continue
		}

		for _, block := range file.Body.(*hclsyntax.Body).Blocks { //nolint:forcetypeassert // the parser has no other
			seen[block.Type]++

			if err := p.accepts(s, block); err != nil {
				t.Errorf("%s: %s %v: %v", s.name, block.Type, block.Labels, err)
			}
		}
	}

	if seen["action"] < 3 || seen["list"] < 2 || seen["import"] < 3 {
		t.Errorf("too few blocks were checked: %v", seen)
	}
}

// accepts returns an error unless the provider, and a Terraform with such
// blocks, accepts the block.
func (p *protocol) accepts(s docSnippet, block *hclsyntax.Block) error {
	p.t.Helper()

	switch block.Type {
	case "action":
		return p.acceptsAction(block)
	case "list":
		return p.acceptsList(block)
	case "import":
		return p.acceptsIdentity(block)
	case "resource":
		return triggersActionsOf(s, block)
	default:
		return nil
	}
}

func (p *protocol) acceptsAction(block *hclsyntax.Block) error {
	p.t.Helper()

	schema := p.schema.ActionSchemas[block.Labels[0]]
	if schema == nil {
		return fmt.Errorf("the provider has no such action")
	}

	given, err := configOf(block, schema.Schema)
	if err != nil {
		return err
	}

	return problem(p.validateAction(block.Labels[0], given))
}

func (p *protocol) acceptsList(block *hclsyntax.Block) error {
	p.t.Helper()

	schema := p.schema.ListResourceSchemas[block.Labels[0]]
	if schema == nil {
		return fmt.Errorf("the provider has no such list resource")
	}

	for name := range block.Body.Attributes {
		if !slices.Contains([]string{"provider", "include_resource", "limit"}, name) {
			return fmt.Errorf("Terraform's list blocks have no argument %q", name)
		}
	}

	given, err := configOf(block, schema)
	if err != nil {
		return err
	}

	return problem(p.validateList(given))
}

// acceptsIdentity checks the identity of an import block, if any.
func (p *protocol) acceptsIdentity(block *hclsyntax.Block) error {
	p.t.Helper()

	identity := block.Body.Attributes["identity"]
	if identity == nil {
		return nil
	}

	value, diags := identity.Expr.Value(nil)
	if diags.HasErrors() {
		return diags
	}

	if !value.Type().HasAttribute("id") || value.LengthInt() != 1 {
		return fmt.Errorf("it has other attributes than id: %#v", value)
	}

	if resp := p.importByIdentity(str(value.GetAttr("id").AsString())); len(resp.Diagnostics) > 0 {
		return problem(resp.Diagnostics)
	}

	return nil
}

// triggersActionsOf returns an error if a resource triggers an action that is
// not in the same snippet.
func triggersActionsOf(s docSnippet, block *hclsyntax.Block) error {
	for _, lifecycle := range blocksOf(block.Body, "lifecycle") {
		for _, trigger := range blocksOf(lifecycle.Body, "action_trigger") {
			actions := trigger.Body.Attributes["actions"]
			if actions == nil || trigger.Body.Attributes["events"] == nil {
				return fmt.Errorf("an action_trigger has events and actions")
			}

			for _, traversal := range actions.Expr.Variables() {
				text := traversal.SourceRange().SliceBytes([]byte(s.text))
				declared := regexp.MustCompile(`^action\.(\w+)\.(\w+)$`).ReplaceAllString(string(text), `action "$1" "$2" {`)

				if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(declared)).MatchString(s.text) {
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

// configOf returns the values of a block's config block. References are unknown
// values.
func configOf(block *hclsyntax.Block, schema *tfprotov6.Schema) (values, error) {
	given := values{}

	for _, config := range blocksOf(block.Body, "config") {
		for name, attribute := range config.Body.Attributes {
			i := slices.IndexFunc(schema.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == name })
			if i < 0 {
				return nil, fmt.Errorf("the provider knows no argument %q", name)
			}

			typ := schema.Block.Attributes[i].Type

			if len(attribute.Expr.Variables()) > 0 {
				given[name] = tftypes.NewValue(typ, tftypes.UnknownValue)

				continue
			}

			value, diags := attribute.Expr.Value(nil)
			if diags.HasErrors() {
				return nil, diags
			}

			converted, err := converted(value, typ)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}

			given[name] = converted
		}
	}

	return given, nil
}

// converted converts a configured value to the attribute's type.
func converted(value cty.Value, typ tftypes.Type) (tftypes.Value, error) {
	switch {
	case typ.Is(tftypes.String):
		v, err := convert.Convert(value, cty.String)
		if err != nil {
			return tftypes.Value{}, err
		}

		return str(v.AsString()), nil
	case typ.Is(tftypes.Bool):
		v, err := convert.Convert(value, cty.Bool)
		if err != nil {
			return tftypes.Value{}, err
		}

		return boolean(v.True()), nil
	case typ.Is(tftypes.List{ElementType: tftypes.String}):
		v, err := convert.Convert(value, cty.List(cty.String))
		if err != nil {
			return tftypes.Value{}, err
		}

		var all []string
		for _, element := range v.AsValueSlice() {
			all = append(all, element.AsString())
		}

		return strs(all...), nil
	default:
		return tftypes.Value{}, fmt.Errorf("this test does not know the type %s", typ)
	}
}

// problem returns diagnostics as an error; nil if there are none.
func problem(diags []*tfprotov6.Diagnostic) error {
	if len(diags) == 0 {
		return nil
	}

	return fmt.Errorf("%s", details(diags))
}
