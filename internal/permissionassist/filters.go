package permissionassist

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// A filter is a set of values: nil accepts every item, an empty one accepts
// none. The server filters by one value only, so its result is filtered again
// here. That also covers a server that ignores the parameter.

// errNotFilterable means that an item does not report a value that a filter is
// set for. To leave it out could open a gate, and so could keeping it.
var errNotFilterable = errors.New("the server does not report its value, or not as text, for one of the filters that are set: leave out the filter, " +
	"and compare the values yourself")

// looseKey returns the form in which documented values are compared. The pages
// write both "RoleTransition" and "Role Transition"
// (/latest/api/personnel-events of the vendor's reference).
func looseKey(value string) string {
	return strings.ToLower(strings.Join(strings.Fields(value), ""))
}

// SameValue reports whether two values of a documented list are the same one,
// ignoring case and spaces.
func SameValue(a, b string) bool { return looseKey(a) == looseKey(b) }

// accepts reports whether a filter accepts a value.
func accepts(filter []string, value string) bool {
	return filter == nil || slices.ContainsFunc(filter, func(v string) bool { return SameValue(v, value) })
}

// documented returns the documented spelling of a value, and the value itself
// if it is not documented.
func documented(value string, values []string) string {
	for _, v := range values {
		if SameValue(value, v) {
			return v
		}
	}
	return value
}

// query returns the parameters for the filters that the server can apply: those
// with one value.
func query(filters map[string][]string) url.Values {
	parameters := url.Values{}
	for name, values := range filters {
		if len(values) == 1 && values[0] != "" {
			parameters.Set(name, values[0])
		}
	}
	return parameters
}

// asksForNobody reports whether one of the filters accepts nothing.
func asksForNobody(filters map[string][]string) bool {
	for _, values := range filters {
		if values != nil && len(values) == 0 {
			return true
		}
	}
	return false
}

// one returns the filter for an ID, which is nil without one.
func one(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

// affecting returns the items that affect an identity; all if it is empty.
// affected returns the ID of an item's identity, and false if the item does not
// report it. If an item names another identity, the server ignored the
// parameter. An item that names none then proves nothing, so it is left out
// too.
func affecting[T any](items []T, identityID string, affected func(T) (string, bool)) []T {
	if identityID == "" {
		return items
	}
	isOther := func(item T) bool {
		id, known := affected(item)
		return known && !SameGUID(id, identityID)
	}
	ignored := slices.ContainsFunc(items, isOther)
	return slices.DeleteFunc(items, func(item T) bool {
		id, _ := affected(item)
		return ignored && !SameGUID(id, identityID)
	})
}
