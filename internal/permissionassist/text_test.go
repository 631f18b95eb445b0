package permissionassist

import (
	"testing"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	t.Parallel()

	for in, want := range map[string][2]string{ // as it is, and on one line
		"":                            {"", ""},
		"plain":                       {"plain", "plain"},
		"Größe 数据 🙂":                  {"Größe 数据 🙂", "Größe 数据 🙂"},
		"a\nb\tc":                     {"a\nb\tc", "a b c"},
		"a\r\nb\r\n":                  {"a\nb\n", "a b"},
		"a\rb":                        {`a\x0db`, `a\x0db`},
		"a \n\n  b ":                  {"a \n\n  b ", "a b"},
		"no\u00a0break\u3000wide":     {"no\u00a0break\u3000wide", "no break wide"},
		"\x1b[2J\x1b]0;title\x07":     {`\x1b[2J\x1b]0;title\x07`, `\x1b[2J\x1b]0;title\x07`},
		"\x00\x08\x7f\u009b31m":       {`\x00\x08\x7f\x9b31m`, `\x00\x08\x7f\x9b31m`},
		"user\u202egpj.exe":           {`user\u202egpj.exe`, `user\u202egpj.exe`},
		"zero\u200bwidth\ufeff":       {`zero\u200bwidth\ufeff`, `zero\u200bwidth\ufeff`},
		"line\u2028paragraph\u2029":   {`line\u2028paragraph\u2029`, `line\u2028paragraph\u2029`},
		"tag\U000e0041":               {`tag\ue0041`, `tag\ue0041`},
		"not UTF-8 \xff\xfe":          {"not UTF-8 \ufffd\ufffd", "not UTF-8 \ufffd\ufffd"},
		"next\u0085line\v\fform feed": {`next\x85line\x0b\x0cform feed`, `next\x85line\x0b\x0cform feed`},
	} {
		if got := Printable(in); got != want[0] {
			t.Errorf("Printable(%q) is %q, want %q", in, got, want[0])
		}

		if got := PrintableLine(in); got != want[1] {
			t.Errorf("PrintableLine(%q) is %q, want %q", in, got, want[1])
		}
	}
}

func TestTruncate(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		in    string
		limit int
		want  string
	}{
		{"", 0, ""},
		{"abc", 3, "abc"},
		{"abcd", 3, "abc…"},
		{"aé", 2, "a…"},
		{"数据", 5, "数…"},
		{"数", 2, "…"},
		{"a", 0, "…"},
	} {
		got := truncate(test.in, test.limit)
		if got != test.want || !utf8.ValidString(got) {
			t.Errorf("truncate(%q, %d) is %q, want %q", test.in, test.limit, got, test.want)
		}
	}
}
