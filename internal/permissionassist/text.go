package permissionassist

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text that comes from the server is untrusted. Every string of a response
// passes one of the methods line, message and text before it becomes part of a
// value or an error of this package.

// How long a text from the server may be, in characters.
const (
	maxLine    = 200
	maxMessage = 2000
)

// line is for fields of one line, such as a name: printable, without the token,
// shortened.
func (c *Client) line(s string) string { return Shorten(oneLine(c.redact(s)), maxLine) }

// message is line for sentences.
func (c *Client) message(s string) string { return Shorten(oneLine(c.redact(s)), maxMessage) }

// text is for the log of an import, which keeps its line breaks and its length.
func (c *Client) text(s string) string { return Printable(c.redact(s)) }

// end is text for the last lines of a long log.
func (c *Client) end(s string) string {
	const maxBytes = 64 << 10
	s = c.redact(s)
	if len(s) > maxBytes {
		_, s, _ = strings.Cut(s[len(s)-maxBytes:], "\n")
	}
	return Printable(s)
}

// excerpt is the beginning of a response's body, for an error message.
func (c *Client) excerpt(body []byte) string {
	const maxExcerpt = 300
	return Shorten(oneLine(c.redact(string(body))), maxExcerpt)
}

// json returns a JSON value of undocumented shape with its texts made harmless,
// its keys sorted and without white space; nil for null. A value that is larger
// than maxJSONBytes or nested more deeply than maxJSONDepth is dropped: the
// time that Terraform takes to show it grows exponentially with its depth
// (hashicorp/terraform#30561).
func (c *Client) json(raw json.RawMessage) (value json.RawMessage, tooLarge bool) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber() // keeps every digit
	var decoded any
	switch {
	case len(raw) > maxJSONBytes:
		return nil, true
	case decoder.Decode(&decoded) != nil || decoded == nil:
		return nil, false
	}

	cleaned, ok := c.cleanJSON(decoded, maxJSONDepth)
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if !ok || encoder.Encode(cleaned) != nil {
		return nil, true
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), false
}

// cleanJSON reports whether arrays and objects are nested at most depth levels.
func (c *Client) cleanJSON(value any, depth int) (any, bool) {
	ok := true
	clean := func(element any) any {
		cleaned, fine := c.cleanJSON(element, depth-1)
		ok = ok && fine
		return cleaned
	}

	switch v := value.(type) {
	case string:
		// On one line: a forged line must not look like Terraform's own output.
		return strings.ReplaceAll(c.text(v), "\n", " "), true
	case []any:
		for i := range v {
			v[i] = clean(v[i])
		}
		return v, ok && depth > 0
	case map[string]any:
		cleaned := make(map[string]any, len(v))
		for key, element := range v {
			cleaned[c.line(key)] = clean(element)
		}
		return cleaned, ok && depth > 0
	default:
		return value, true
	}
}

const redacted = "[REDACTED]"

// redact removes the token, should the server echo it. It comes before a text
// is shortened, or a part of the token could remain.
func (c *Client) redact(s string) string { return strings.ReplaceAll(s, c.token, redacted) }

// Printable makes text that came from the server harmless for a terminal and
// for a CI runner. Control characters except line feed and tab, and invisible
// formatting characters are replaced by their escaped form, such as those that
// reverse the direction of writing
// (https://nvd.nist.gov/vuln/detail/CVE-2021-42574). The prefixes of CI workflow
// commands are broken with a space, so that no runner executes them.
func Printable(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case r == '\n' || r == '\t' || r == utf8.RuneError || unicode.IsPrint(r) || unicode.Is(unicode.Zs, r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return breakCommands(b.String())
}

// breakCommands breaks the prefixes by which CI runners recognize commands in
// the output of a job: "::name" at the start of a line
// (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands),
// "##[name]" and "##vso[name]"
// (https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands),
// "##teamcity[name]". Terraform may wrap a line at any space.
func breakCommands(s string) string {
	s = colonCommand.ReplaceAllStringFunc(s, func(colons string) string {
		return strings.TrimSuffix(strings.ReplaceAll(colons, ":", ": "), " ")
	})
	return hashCommand.ReplaceAllString(s, "# #$1")
}

var (
	colonCommand = regexp.MustCompile(`(?:^|[\s\p{Z}])::+`)
	hashCommand  = regexp.MustCompile(`##(\w*\[)`)
)

// oneLine is Printable for text that has to stay on one line: white space of
// any kind and length becomes one space. It looks at no more than a message
// needs.
func oneLine(s string) string {
	const maxBytes = 64 << 10
	return strings.Join(strings.Fields(Printable(strings.Join(strings.Fields(s[:min(len(s), maxBytes)]), " "))), " ")
}

// Shorten cuts s to at most the number of characters; the last one is then an
// ellipsis.
func Shorten(s string, characters int) string {
	if len(s) <= characters {
		return s
	}
	n, end := 0, 0
	for i := range s {
		switch n++; n {
		case characters:
			end = i // of the text before the ellipsis
		case characters + 1:
			return s[:end] + "…"
		}
	}
	return s
}
