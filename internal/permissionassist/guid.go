package permissionassist

import (
	"fmt"
	"regexp"
	"strings"
)

// The API documents its identifiers as GUIDs, in the hyphenated form only.
var guidPattern = regexp.MustCompile(`\A[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\z`)

// ValidateGUID returns an error that shows s and the expected form unless s is
// a hyphenated GUID, in upper or lower case.
func ValidateGUID(s string) error {
	if guidPattern.MatchString(s) {
		return nil
	}
	return fmt.Errorf("%q is not a GUID: expected 32 hexadecimal digits in the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, "+
		"for example 3f2504e0-4f89-41d3-9a0c-0305e82c3301", Shorten(s, maxQuoted))
}

// maxQuoted is how many characters of a wrong value a message quotes.
const maxQuoted = 100

// SameGUID reports whether a and b are the same identifier, ignoring case.
func SameGUID(a, b string) bool {
	return strings.EqualFold(a, b)
}
