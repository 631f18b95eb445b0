package provider

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	percentEncoded = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	// Digits that continue a longer word are not a GUID: a SHA-256 is 64 of them.
	guidInText = regexp.MustCompile(`\b(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})\b`)
)

// findGUID returns the only GUID in a text that a user copied, in lower case
// with hyphens. The text can be a URL or a GUID in any common spelling, and can
// repeat that GUID. The error never quotes the text: a copied URL can contain a
// session ID or a token.
func findGUID(text string) (string, error) {
	// For \b an underscore is a letter, but app_GUID does contain a GUID.
	text = strings.ReplaceAll(decodePercent(text), "_", " ")
	found := guidInText.FindAllString(strings.ToLower(text), -1)

	for i, guid := range found {
		digits := strings.ReplaceAll(guid, "-", "")
		found[i] = strings.Join([]string{digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]}, "-")
	}

	slices.Sort(found)
	found = slices.Compact(found)

	switch len(found) {
	case 0:
		return "", errors.New("found no GUID")
	case 1:
		return found[0], nil
	default:
		return "", fmt.Errorf("found %d different GUIDs instead of one", len(found))
	}
}

// guidOf returns the GUID of a configured value that a validator has accepted;
// the value itself if it has none.
func guidOf(value types.String) string {
	if guid, err := findGUID(value.ValueString()); err == nil {
		return guid
	}
	return value.ValueString()
}

// decodePercent decodes percent-encoding repeatedly, because a login page
// encodes the URL that it returns to again. Invalid codes stay.
func decodePercent(text string) string {
	// Without a limit, a hostile text would take quadratic time.
	for range 10 {
		text = percentEncoded.ReplaceAllStringFunc(text, func(code string) string {
			char, _ := url.PathUnescape(code) // The pattern matches valid codes only.
			return char
		})
	}
	return text
}
