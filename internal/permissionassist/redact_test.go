package permissionassist

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// The token is found in every spelling, and so is a long part of it.
func TestRedactor(t *testing.T) {
	t.Parallel()

	each := func(formats ...string) func(string) string {
		return func(s string) string {
			var b strings.Builder
			for i, c := range s {
				fmt.Fprintf(&b, formats[i%len(formats)], c)
			}
			return b.String()
		}
	}
	entities := each("&#%d;", "&#x%x;")
	asJSON := func(s string) string {
		data, _ := json.Marshal(s)
		return string(data[1 : len(data)-1])
	}
	spellings := map[string]func(string) string{
		"plain": func(s string) string { return s }, "JSON": asJSON, "JSON twice": func(s string) string { return asJSON(asJSON(s)) },
		"all of JSON": each(`\u%04X`), "quoted": strconv.Quote, "quoted twice": func(s string) string { return strconv.Quote(strconv.Quote(s)) },
		"HTML": html.EscapeString, "all of HTML": entities, "HTML twice": func(s string) string { return html.EscapeString(entities(s)) },
		"HTML in JSON": func(s string) string { return asJSON(html.EscapeString(s)) },
		"URL":          url.QueryEscape, "URL twice": func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	}
	for _, token := range []string{"Ab+/9<>&\"'xyzQRST=", `pa_a\b"c+d/e=f0123456789`, "short&+", `\\`} {
		r := NewRedactor(token)
		for name, spell := range spellings {
			for _, part := range []string{token, token[:max(1, len(token)-2)], token[len(token)/8:]} {
				text := "before " + spell(part) + " after"
				got := r.Redact(text)
				if len(part) < shortestPart && part != token || name != "plain" && token == `\\` {
					continue
				}
				if left := strings.ReplaceAll(got, redacted, ""); len(left) > len("before  after")+len(spell("&"))*2 {
					t.Errorf("%q, %s: %q becomes %q", token, name, text, got)
				}
			}
		}
		for _, text := range []string{"", "nothing of it", `C:\temp\users.csv & 100 %`, strings.Repeat("pa_", 9)} {
			if got := r.Redact(text); got != text {
				t.Errorf("%q: %q becomes %q", token, text, got)
			}
		}
	}
}
