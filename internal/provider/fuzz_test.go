package provider

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// Metrics are of a shape that nobody documents.
func FuzzNormalizedJSON(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := normalizedJSON(raw)

		if got.IsNull() {
			if json.Valid(raw) {
				t.Errorf("%q is JSON and becomes null", raw)
			}

			return
		}

		value := got.ValueString()
		if !json.Valid([]byte(value)) || !utf8.ValidString(value) {
			t.Errorf("%q becomes %q", raw, value)
		}

		if again := normalizedJSON(json.RawMessage(value)); again.ValueString() != value {
			t.Errorf("%q becomes %q and then %q", raw, value, again.ValueString())
		}
	})
}

// A log is as long and as strange as it likes; the end of it is shown.
func FuzzLastLines(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		lines := lastLines(permissionassist.Printable(text), int(n))
		if len(lines) > int(n) {
			t.Errorf("%d lines, want at most %d", len(lines), n)
		}

		for _, line := range lines {
			if strings.TrimRight(line, " \t") == "" || strings.Contains(line, "\n") || utf8.RuneCountInString(line) > 501 || !utf8.ValidString(line) {
				t.Errorf("%q has the line %q", text, line)
			}
		}
	})
}
