package permissionassist

import (
	"html"
	"strconv"
	"strings"
)

const redacted = "[REDACTED]"

// Redactor cuts a token out of texts, and every part of it that is at least
// shortestPart long, also if it is escaped: as in JSON (.NET escapes a plus
// sign,
// https://learn.microsoft.com/dotnet/standard/serialization/system-text-json/character-encoding),
// HTML, a URL, or by Go's %q.
type Redactor struct {
	token string
	// parts are the decoded token's parts of this length.
	length int
	parts  map[string]bool
	// chars are the characters of the decoded token.
	chars [256]bool
}

// shortestPart is the length of the shortest part of a token that is redacted.
// Shorter parts also occur in other texts.
const shortestPart = 12

// NewRedactor returns a Redactor for a token that is not empty. A placeholder
// that was never filled in is not a secret: its name is that of a variable,
// which messages name.
func NewRedactor(token string) *Redactor {
	r := &Redactor{token: token, parts: map[string]bool{}}
	if placeholder.MatchString(token) {
		return r
	}
	var decoded []byte
	for rest := token; rest != ""; {
		c, n := decodeChar(rest)
		if rest = rest[n:]; c != '\\' {
			decoded = append(decoded, c)
			r.chars[c] = true
		}
	}
	r.length = min(shortestPart, len(decoded))
	for i := 0; r.length > 0 && i+r.length <= len(decoded); i++ {
		r.parts[string(decoded[i:i+r.length])] = true
	}
	return r
}

// Redact returns a text without the token. It comes before a text is shortened,
// or a part of the token could remain.
func (r *Redactor) Redact(s string) string {
	s = strings.ReplaceAll(s, r.token, redacted)
	var (
		result strings.Builder
		copied int
		// last are the last decoded characters, and starts is where they are in s.
		last   []byte
		starts []int
	)
	for i := 0; i < len(s); {
		c, n := decodeChar(s[i:])
		start := i
		i += n
		switch {
		case c == '\\': // it escapes the next character, or another one escapes it
			continue
		case !r.chars[c]:
			last, starts = last[:0], starts[:0]
			continue
		case len(last) == r.length:
			last, starts = last[1:], starts[1:]
		}
		last, starts = append(last, c), append(starts, start)
		if !r.parts[string(last)] {
			continue
		}
		if starts[0] >= copied {
			result.WriteString(s[copied:starts[0]] + redacted)
		}
		copied = i
	}
	if copied == 0 {
		return s
	}
	return result.String() + s[copied:]
}

// decodeChar returns the character that a text begins with, unescaped, and the
// length of its escaped form. An escaped character can begin another escape.
func decodeChar(s string) (c byte, n int) {
	c, n = s[0], 1
	switch {
	case strings.HasPrefix(s, `\u`):
		c, n = hexChar(s, 2, 4)
	case strings.HasPrefix(s, `\x`):
		c, n = hexChar(s, 2, 2)
	case c == '%':
		c, n = hexChar(s, 1, 2)
	case c == '&':
		const longest = 10
		if end := strings.IndexByte(s[:min(len(s), longest)], ';'); end > 0 {
			if text := html.UnescapeString(s[:end+1]); len(text) == 1 {
				c, n = text[0], end+1
			}
		}
	}
	if n > 1 && n < len(s) && strings.IndexByte(`\%&`, c) >= 0 {
		if next, more := decodeChar(string(c) + s[n:min(len(s), n+16)]); more > 1 {
			return next, n + more - 1
		}
	}
	return c, n
}

// hexChar returns the ASCII character of an escape with a prefix and
// hexadecimal digits; the text's own first character if it is not one.
func hexChar(s string, prefix, digits int) (c byte, n int) {
	if n = prefix + digits; len(s) >= n {
		if value, err := strconv.ParseUint(s[prefix:n], 16, 7); err == nil {
			return byte(value), n
		}
	}
	return s[0], 1
}
