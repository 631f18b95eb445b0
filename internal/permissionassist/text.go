package permissionassist

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes text that came from a server harmless for a terminal: every
// control character but line feed and tab, and every invisible formatting
// character (such as those that reverse the direction of writing), is replaced
// by its escaped form; carriage returns before a line feed are dropped.
func Printable(s string) string {
	var b strings.Builder

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

	return b.String()
}

// PrintableLine is Printable for text that has to stay on one line: white
// space of any kind and length becomes one space.
func PrintableLine(s string) string {
	return strings.Join(strings.Fields(Printable(s)), " ")
}

// truncate cuts s to at most limit bytes without splitting a character.
func truncate(s string, limit int) string {
	if len(s) <= limit {
		return s
	}

	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}

	return s[:limit] + "…"
}
