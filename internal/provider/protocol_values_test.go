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

// values are an object's attributes that are not null.
type values map[string]tftypes.Value

func str(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func boolean(b bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, b) }

func number(n int) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }

func strs(all ...string) tftypes.Value {
	elements := make([]tftypes.Value, 0, len(all))
	for _, s := range all {
		elements = append(elements, str(s))
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, elements)
}

func set(all ...string) tftypes.Value {
	var elements []tftypes.Value
	_ = strs(all...).As(&elements)
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, elements)
}

// stringMap returns a map of alternating keys and values.
func stringMap(keysAndValues ...string) tftypes.Value {
	elements := map[string]tftypes.Value{}
	for n := 0; n < len(keysAndValues); n += 2 {
		elements[keysAndValues[n]] = str(keysAndValues[n+1])
	}
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, elements)
}

// timeouts returns the block timeouts.
func timeouts(create string) tftypes.Value {
	block := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"create": tftypes.String}}
	return tftypes.NewValue(block, map[string]tftypes.Value{"create": str(create)})
}

// null returns a null of the type of v.
func null(v tftypes.Value) tftypes.Value { return tftypes.NewValue(v.Type(), nil) }

// unknown returns an unknown value of the type of v.
func unknown(v tftypes.Value) tftypes.Value { return tftypes.NewValue(v.Type(), tftypes.UnknownValue) }

func unknownString() tftypes.Value { return unknown(str("")) }

// nullIn returns a list or set of the same type with a null.
func nullIn(v tftypes.Value) tftypes.Value {
	return tftypes.NewValue(v.Type(), []tftypes.Value{null(str(""))})
}

// text returns an attribute that is a string; empty if it is null.
func (v values) text(name string) string {
	var s *string
	if v[name].IsKnown() && v[name].As(&s) == nil && s != nil {
		return *s
	}
	return ""
}

// plain converts a value to nil, string, float64, bool, []any or map[string]any.
func plain(v tftypes.Value) any {
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
	case v.As(&all) == nil:
		return values(all).plain()
	default:
		return v
	}
}

func (v values) plain() map[string]any {
	attributes := map[string]any{}
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
		object, _ := item.(map[string]any)
		var row []string
		for _, attribute := range attributes {
			row = append(row, fmt.Sprint(object[attribute]))
		}
		rows = append(rows, strings.Join(row, ":"))
	}
	return strings.Join(rows, ",")
}

// wantValues compares these attributes.
func (v values) wantValues(t *testing.T, want map[string]any) {
	t.Helper()
	got := v.plain()
	maps.DeleteFunc(got, func(name string, _ any) bool { _, ok := want[name]; return !ok })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the attributes differ (-want +got):\n%s", diff)
	}
}
