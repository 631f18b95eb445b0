package provider

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// These functions convert values of the client, in which zero means that the
// server did not report the value, and values of Terraform.

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func int64OrNull(n int64) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(n)
}

// setOrNull converts a slice, in any order and with any duplicates.
func setOrNull(elements []string) types.Set {
	if elements == nil {
		return types.SetNull(types.StringType)
	}

	values := []attr.Value{}
	for _, element := range slices.Compact(slices.Sorted(slices.Values(elements))) {
		values = append(values, types.StringValue(element))
	}
	return types.SetValueMust(types.StringType, values)
}

// jsonOrNull converts JSON that the client has normalized.
func jsonOrNull(value json.RawMessage) jsontypes.Normalized {
	if value == nil {
		return jsontypes.NewNormalizedNull()
	}
	return jsontypes.NewNormalizedValue(string(value))
}

// convertOrNil converts a value to a model. Terraform shows nil as null.
func convertOrNil[V, M any](value *V, convert func(V) M) *M {
	if value == nil {
		return nil
	}
	m := convert(*value)
	return &m
}

// timestamp converts a time to RFC 3339 in UTC.
func timestamp(t time.Time) types.String { return types.StringValue(t.UTC().Format(time.RFC3339)) }

// knownStrings returns the elements that are neither null nor unknown.
func knownStrings(m types.Map) map[string]string {
	known := map[string]string{}
	for key, value := range m.Elements() {
		if s, ok := value.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			known[key] = s.ValueString()
		}
	}
	return known
}

// elementsOf returns the elements of a configured set of strings; nil if the
// set is null.
func elementsOf(set types.Set) []string {
	if set.IsNull() {
		return nil
	}
	elements := []string{}
	for _, element := range set.Elements() {
		if s, ok := element.(types.String); ok {
			elements = append(elements, s.ValueString())
		}
	}
	return elements
}

// isOneOf reports whether a filter accepts a value. A null filter, which is
// nil, accepts all.
func isOneOf(filter []string, value string) bool {
	return filter == nil || slices.ContainsFunc(filter, func(v string) bool { return permissionassist.SameValue(v, value) })
}

// sortedBy returns values in an order that does not depend on the server: by
// these keys, ignoring case. It does not change all, which is shared.
func sortedBy[V any](all []V, keys func(V) []string) []V {
	return slices.SortedFunc(slices.Values(all), func(a, b V) int {
		return slices.CompareFunc(keys(a), keys(b), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	})
}
