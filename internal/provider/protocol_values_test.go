package provider_test

import (
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// values are an object's attributes that are not null: nil, unknown, strings,
// numbers, booleans, slices or maps of them, or tftypes.Value in what the
// provider returned.
type values map[string]any

const unknown = tftypes.UnknownValue

// withNull is a list or set with a null.
var withNull = []any{nil}

func strs(all ...string) []any {
	elements := []any{}
	for _, s := range all {
		elements = append(elements, s)
	}
	return elements
}

// stringMap returns a map of alternating keys and values.
func stringMap(keysAndValues ...string) map[string]any {
	elements := map[string]any{}
	for n := 0; n < len(keysAndValues); n += 2 {
		elements[keysAndValues[n]] = keysAndValues[n+1]
	}
	return elements
}

// timeouts returns the block timeouts.
func timeouts(create string) map[string]any { return map[string]any{"create": create} }

// convert converts a value to a type of the schema.
func convert(typ tftypes.Type, v any) tftypes.Value {
	element := func(string) tftypes.Type { return tftypes.String }
	if object, ok := typ.(tftypes.Object); ok {
		element = func(name string) tftypes.Type { return object.AttributeTypes[name] }
	}
	switch v := v.(type) {
	case tftypes.Value:
		return v
	case []any:
		elements := []tftypes.Value{}
		for _, e := range v {
			elements = append(elements, convert(element(""), e))
		}
		return tftypes.NewValue(typ, elements)
	case map[string]any:
		elements := map[string]tftypes.Value{}
		for name, e := range v {
			elements[name] = convert(element(name), e)
		}
		return tftypes.NewValue(typ, elements)
	default:
		return tftypes.NewValue(typ, v)
	}
}

// text returns an attribute that is a string; empty if it is null.
func (v values) text(name string) string {
	s, _ := plain(v[name]).(string)
	return s
}

// plain converts what the provider returned to nil, unknown, string, float64,
// bool, []any or values.
func plain(returned any) any {
	v, ok := returned.(tftypes.Value)
	if !ok {
		return returned
	}
	var (
		s    string
		n    big.Float
		b    bool
		list []tftypes.Value
		all  map[string]tftypes.Value
	)
	switch {
	case v.IsNull():
		return nil
	case !v.IsKnown():
		return unknown
	case v.As(&s) == nil:
		return s
	case v.As(&n) == nil:
		f, _ := n.Float64()
		return f
	case v.As(&b) == nil:
		return b
	case v.As(&list) == nil:
		items := []any{}
		for _, item := range list {
			items = append(items, plain(item))
		}
		return items
	}
	if err := v.As(&all); err != nil {
		panic(err)
	}
	object := values{}
	for name, value := range all {
		object[name] = plain(value)
	}
	return object
}

func (v values) plain() values {
	attributes := values{}
	for name, value := range v {
		attributes[name] = plain(value)
	}
	return attributes
}

// printed returns a value of any type as a text.
func (v values) printed(name string) string { return fmt.Sprint(plain(v[name])) }

// column returns attributes of each object in the list. It joins those of an
// object with colons, and the objects with commas.
func (v values) column(list string, attributes ...string) string {
	var rows []string
	items, _ := plain(v[list]).([]any)
	for _, item := range items {
		object, _ := item.(values)
		var row []string
		for _, attribute := range attributes {
			row = append(row, fmt.Sprint(object[attribute]))
		}
		rows = append(rows, strings.Join(row, ":"))
	}
	return strings.Join(rows, ",")
}

// wantValues compares these attributes.
func (v values) wantValues(t *testing.T, want values) {
	t.Helper()
	got := v.plain()
	maps.DeleteFunc(got, func(name string, _ any) bool { _, ok := want[name]; return !ok })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the attributes differ (-want +got):\n%s", diff)
	}
}
