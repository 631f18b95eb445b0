package permissionassist

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const parsedForm = "expected the address of the application's page in Permission Assist, as the browser shows it, or a GUID " +
	"such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301"

// ParseApplicationID finds the one GUID in what a person has copied: the
// address of a page, with the GUID anywhere in its path, query or fragment, or
// a GUID in any of its usual spellings (in upper or lower case, in braces or
// parentheses, without hyphens, as a urn:uuid, percent-encoded, with white
// space around it). It returns the GUID in lower case with hyphens. The same
// GUID may occur several times.
//
// The error shows of the text only what stands before a query or a fragment,
// because those are where secrets are kept.
func ParseApplicationID(text string) (string, error) {
	decoded := unescape(text)
	found := guidsIn(decoded)

	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		if strings.TrimSpace(text) == "" {
			return "", errors.New("the text is empty: " + parsedForm)
		}

		return "", fmt.Errorf("there is no GUID in %s: %s", shownText(decoded), parsedForm)
	default:
		return "", fmt.Errorf("there is more than one GUID in %s: %s; it is not clear which one is the application's, so give only that one",
			shownText(decoded), listGUIDs(found, guidsIn(withoutQuery(decoded))))
	}
}

// unescape decodes percent-encoded characters, also where an address was
// encoded again as a part of another. What is not properly encoded stays.
func unescape(s string) string {
	const deepest = 10

	for range deepest {
		decoded := escapedPattern.ReplaceAllStringFunc(s, func(escaped string) string {
			// The pattern makes sure that there is no error.
			char, _ := url.PathUnescape(escaped)

			return char
		})

		if decoded == s {
			break
		}

		s = decoded
	}

	return s
}

var (
	escapedPattern = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	// A run of letters and digits with single hyphens in between. Looking at
	// the whole of it keeps a part of a longer number, such as a SHA-256 in
	// hexadecimal digits, from being taken for a GUID.
	hyphenatedPattern = regexp.MustCompile(`[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*`)
	hexPattern        = regexp.MustCompile(`\A[0-9a-f]+\z`)
)

// guidsIn gives the GUIDs in s in lower case with hyphens, each once, in the
// order in which they occur.
func guidsIn(s string) []string {
	var found []string

	for _, run := range hyphenatedPattern.FindAllString(s, -1) {
		parts := strings.Split(strings.ToLower(run), "-")

		for i := range parts {
			guid := guidAt(parts, i)
			if guid != "" && !slices.Contains(found, guid) {
				found = append(found, guid)
			}
		}
	}

	return found
}

// guidAt gives the GUID that begins with the i-th of the parts between
// hyphens, or "" where none does.
func guidAt(parts []string, i int) string {
	const groups = 5

	if i+groups <= len(parts) {
		if guid := strings.Join(parts[i:i+groups], "-"); guidPattern.MatchString(guid) {
			return guid
		}
	}

	part := parts[i]
	if len(part) != 32 || !hexPattern.MatchString(part) {
		return ""
	}

	// Beside other hexadecimal digits it is part of something longer, such as
	// the ID of a trace; beside a word ("core-banking-…") it is not.
	if i > 0 && hexPattern.MatchString(parts[i-1]) || i+1 < len(parts) && hexPattern.MatchString(parts[i+1]) {
		return ""
	}

	return strings.Join([]string{part[:8], part[8:12], part[12:16], part[16:20], part[20:]}, "-")
}

// listGUIDs names GUIDs. Of those that do not occur in harmless text it shows
// the beginning only: one of them may be a session or a token.
func listGUIDs(guids, harmless []string) string {
	const most = 5

	var names []string

	for _, guid := range guids[:min(most, len(guids))] {
		if !slices.Contains(harmless, guid) {
			guid = guid[:8] + "-… (behind the path)"
		}

		names = append(names, guid)
	}

	if more := len(guids) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}

	return strings.Join(names, ", ")
}

// withoutQuery cuts off what stands behind the path of an address, and what
// could not be decoded.
func withoutQuery(s string) string {
	if end := strings.IndexAny(s, "?#;&=%"); end >= 0 {
		return s[:end]
	}

	return s
}

// tokenPattern is what the API's own tokens look like; one may have been given
// by mistake.
var tokenPattern = regexp.MustCompile(`pa_[0-9A-Za-z_.~+-]+`)

// shownText is what an error may quote of a text: neither a query or a
// fragment, nor user information, nor a token; quoted, printable and not long.
func shownText(decoded string) string {
	const longest = 120

	shown := withoutQuery(decoded)

	scheme, rest, isURL := strings.Cut(shown, "://")
	if !isURL {
		scheme, rest = "", shown
	}

	authority, path, hasPath := strings.Cut(rest, "/")
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		authority = "…" + authority[at:]
	}

	if isURL {
		authority = scheme + "://" + authority
	}

	if hasPath {
		path = "/" + path
	}

	shown = authority + path
	if len(withoutQuery(decoded)) < len(decoded) {
		shown += "…"
	}

	shown = strings.Join(strings.Fields(tokenPattern.ReplaceAllString(shown, "pa_…")), " ")

	return strconv.Quote(truncate(shown, longest))
}
