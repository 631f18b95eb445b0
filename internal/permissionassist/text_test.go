package permissionassist

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestPrintable(t *testing.T) {
	t.Parallel()

	for in, want := range map[string][2]string{ // as it is, and on one line
		"":                            {"", ""},
		"Größe 数据 🙂":                  {"Größe 数据 🙂", "Größe 数据 🙂"},
		"a\nb\tc":                     {"a\nb\tc", "a b c"},
		"a\r\nb\r\n":                  {"a\nb\n", "a b"},
		"a\rb":                        {`a\x0db`, `a b`},
		"a \n\n  b ":                  {"a \n\n  b ", "a b"},
		"no\u00a0break\u3000wide":     {"no\u00a0break\u3000wide", "no break wide"},
		"\x1b[2J\x1b]0;title\x07":     {`\x1b[2J\x1b]0;title\x07`, `\x1b[2J\x1b]0;title\x07`},
		"\x00\x08\x7f\u009b31m":       {`\x00\x08\x7f\x9b31m`, `\x00\x08\x7f\x9b31m`},
		"user\u202egpj.exe":           {`user\u202egpj.exe`, `user\u202egpj.exe`},
		"zero\u200bwidth\ufeff":       {`zero\u200bwidth\ufeff`, `zero\u200bwidth\ufeff`},
		"line\u2028paragraph\u2029":   {`line\u2028paragraph\u2029`, `line paragraph`},
		"tag\U000e0041":               {`tag\ue0041`, `tag\ue0041`},
		"not UTF-8 \xff\xfe":          {"not UTF-8 \ufffd\ufffd", "not UTF-8 \ufffd\ufffd"},
		"next\u0085line\v\fform feed": {`next\x85line\x0b\x0cform feed`, `next line form feed`},
		// CI commands, and what is none.
		":::a\n##vso[x]":     {": : :a\n# #vso[x]", ": : :a # #vso[x]"},
		"A::B 12:30 ## #[x]": {"A::B 12:30 ## #[x]", "A::B 12:30 ## #[x]"},
	} {
		if got := Printable(in); got != want[0] {
			t.Errorf("Printable(%q) is %q, want %q", in, got, want[0])
		}
		if got := oneLine(in); got != want[1] {
			t.Errorf("oneLine(%q) is %q, want %q", in, got, want[1])
		}
	}
}

// ciCommand matches the commands that a runner executes, at the start of a line
// or anywhere; Terraform may wrap a line at any space.
var ciCommand = regexp.MustCompile(`(?:^|[\s\p{Z}])::|##\w*\[`)

func TestShorten(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		in         string
		characters int
		want       string
	}{
		{"", 1, ""}, {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"数据数据", 4, "数据数据"}, {"数据数据数", 4, "数据数…"}, {"ab", 1, "…"},
	} {
		if got := Shorten(test.in, test.characters); got != test.want {
			t.Errorf("Shorten(%q, %d) is %q, want %q", test.in, test.characters, got, test.want)
		}
	}
}

// The token is removed before a text is cut, or a part of it could remain.
func TestRedact_beforeCut(t *testing.T) {
	t.Parallel()

	c := newTestClient(t, nil)
	for name, test := range map[string]struct {
		clean func(string) string
		limit int
	}{
		"line": {c.line, maxLine}, "message": {c.message, maxMessage}, "end": {func(s string) string { return c.tail(s, 1000) }, 1000},
		"excerpt": {func(s string) string { return c.excerpt(OperationStage, []byte(s)) }, 300}, "bytes": {c.message, maxShown},
	} {
		for cut := 0; cut < len(testToken); cut += 3 {
			rest := strings.Repeat("x", test.limit-cut)
			for _, in := range []string{rest + testToken, testToken + rest} {
				if got := test.clean(in); strings.Contains(got, testToken[:5]) || strings.Contains(got, testToken[len(testToken)-5:]) {
					t.Fatalf("%s, cut at %d: %q", name, cut, got)
				}
			}
		}
	}
}

// raw responds with bytes that need not be HTTP.
func raw(response string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_, _ = io.WriteString(conn, response)
			_ = conn.Close()
		}
	}
}

// The server echoes the token wherever it can; no error and no log line does.
func TestRedact_everywhere(t *testing.T) {
	t.Parallel()

	const token = testToken

	// Cutting such an excerpt before the token is removed would leave a part of
	// it.
	echo := `<html>Bearer ` + token + strings.Repeat("x", 265) + token + `</html>`
	for name, respond := range map[string]http.HandlerFunc{
		"envelope": replyJSON(400, `{"error":"validation_error","message":"bad `+token+`","correlationId":"`+token+`",
			"errors":[{"field":"`+token+`","message":"`+token+`"}]}`),
		"page":                 reply(500, "text/html; x="+token, echo),
		"authenticate":         reply(401, "", "", "WWW-Authenticate: "+token),
		"no GUID":              replyJSON(200, `{"id":"`+token+`"}`),
		"wrong item":           replyJSON(200, `{"id":"`+unknownID+`","name":"`+token+`"}`),
		"redirect":             replyHTML(302, "Location: https://elsewhere.test/"+token+"?token="+token),
		"same origin":          replyHTML(302, "Location: /"+token+"?token="+token),
		"bad redirect":         replyHTML(302, "Location: https://elsewhere.test/%zz"+token),
		"redirect, no scheme":  replyHTML(301, "Location: ://"+token),
		"number out of bounds": replyJSON(200, `{"items":[],"totalCount":"`+token+`"}`),
		"no HTTP":              raw("Bearer " + token + "\r\n\r\n"),
		"bad status":           raw("HTTP/1.1 " + token + " OK\r\n\r\n"),
		"bad header":           raw("HTTP/1.1 200 OK\r\n\x1b[2J" + token + "\r\n\r\n"),
		"bad length":           raw("HTTP/1.1 200 OK\r\nContent-Length: " + token + "\r\n\r\n"),
		"bad encoding":         raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + token + "\r\n\r\n"),
	} {
		var logged bytes.Buffer
		ctx, c := tflogtest.RootLogger(t.Context(), &logged), newSocketClient(t, serve(t, respond).URL)
		for n, call := range []func(context.Context, *Client) error{getApplication, listApplications, getImport, cancelImport, stageImport} {
			err := call(ctx, c)
			if err != nil {
				wantNotContains(t, err.Error(), testToken[:8], "\x1b", "\n")
			} else if n < 3 { // cancel and stage accept other 2xx responses
				t.Errorf("%s, call %d: no error", name, n)
			}
		}
		if logged.Len() == 0 {
			t.Errorf("%s: nothing was logged", name)
		}
		wantNotContains(t, logged.String(), testToken[:8], "Authorization")
	}
}

func TestClient_json(t *testing.T) {
	t.Parallel()

	c, long := newTestClient(t, nil, func(cfg *Config) { cfg.Token = "pa_t+1" }), strings.Repeat("x", maxLine-1)
	for in, want := range map[string]string{
		`{"b": 1, "a": [1.50, 1234567890123456.7]}`:    `{"a":[1.50,1234567890123456.7],"b":1}`,
		`["\u0070a_t\u002B1", "<pa_t+1>", true, null]`: `["[REDACTED]","<[REDACTED]>",true,null]`,
		`{"pa_t+1": {"::x": "\u001b::y"}}`:             `{"[REDACTED]":{": :x":"\\x1b::y"}}`,
		`"##vso[x]\n::y"`:                              `"# #vso[x] : :y"`,
		`null`:                                         ``,
		`{"a"`:                                         ``,
		``:                                             ``,
		// Of keys that become equal, the same one wins on each read.
		`{"` + long + `cc":3,"` + long + `aa":1,"` + long + `bb":2}`: `{"` + long + `…":1}`,
	} {
		for range 20 {
			if value, tooLarge := c.json(json.RawMessage(in)); string(value) != want || tooLarge {
				t.Fatalf("%s becomes %s, want %s", in, value, want)
			}
		}
	}
}

// A value that Terraform cannot store or compare is dropped.
func TestClient_jsonTooLarge(t *testing.T) {
	t.Parallel()

	list := func(element string, n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
	}
	nested := func(n int) string { return strings.Repeat(`{"a":[`, n/2) + strings.Repeat(`]}`, n/2) }
	c := newTestClient(t, nil)
	for in, want := range map[string]bool{
		nested(32): false, nested(34): true, nested(9000): true, `"` + strings.Repeat(`[{\"`, 50) + `"`: false,
		`"` + strings.Repeat("x", 60<<10) + `"`: false, `"` + strings.Repeat("x", 64<<10) + `"`: true,
		`1e308`: false, `-1.7976931348623157e308`: false, `12345678901234567`: false, `0.00012345678901234567`: false, `0e999999999`: false,
		`1e309`: true, `[1e999999999]`: true, `{"a":-1e999999999}`: true, `1e-999999999`: true, `123456789012345678`: true,
		`0.1234567890123456789`: true, `1000000000000000000000`: true,
		list("0", 500): false, list("0", 501): true, list(list("0", 498), 10): false, list(list("0", 500), 10): true,
		`"` + strings.Repeat("\x7f", 15<<10) + `"`: true, // it is shown as \x7f
	} {
		if value, got := c.json(json.RawMessage(in)); got != want || (value == nil) != want {
			t.Errorf("%s: too large is %t, want %t", Shorten(in, 50), got, want)
		}
	}
}

// A log of characters that are escaped is not longer than other logs.
func TestTail(t *testing.T) {
	t.Parallel()

	c := newTestClient(t, nil)
	for _, log := range []string{strings.Repeat("\x01", 1000), strings.Repeat("a\x7f\n", 1000)} {
		if got := c.tail(log+"end", 1000); len(got) > 1000 || len(got) < 500 || !strings.HasSuffix(got, "end") {
			t.Errorf("%d bytes, want 1000 at most: %q", len(got), got)
		}
	}
	if got := c.tail("a\nb", 3); got != "a\nb" {
		t.Errorf("a log that fits becomes %q", got)
	}
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' })
}

func FuzzPrintable(f *testing.F) {
	for _, command := range []string{
		"::add-mask::x", ":::add-mask::x", "::::::stop-commands::x", "##[command]x", "###[group]x", "##vso[task.setvariable variable=a]b",
		"##VSO[task.complete]", "##teamcity[buildStatus text='x']", "######vso[x]", "", "b\x00\u202e\xff", "Größe 数据",
	} {
		for _, before := range []string{"", "\n", " \t", "text ", "\u00a0", "\u3000", "a\r\n", "\v", "\n\u2003\n"} {
			f.Add(before + command)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, line := Printable(s), oneLine(s)
		if got := strings.ReplaceAll(text, "\t", ""); !printable(strings.Join(strings.Fields(got), "")) || ciCommand.MatchString(text) {
			t.Errorf("%q becomes %q", s, text)
		}
		if !printable(line) || strings.Contains(line, "\n") || strings.Contains(line, "  ") || ciCommand.MatchString(line) {
			t.Errorf("%q becomes the line %q", s, line)
		}
		if again := Printable(text); again != text {
			t.Errorf("%q becomes %q and then %q", s, text, again)
		}
		if again := oneLine(line); again != line {
			t.Errorf("%q becomes the line %q and then %q", s, line, again)
		}
		if cut := Shorten(line, 10); utf8.RuneCountInString(cut) > 10 || !utf8.ValidString(cut) {
			t.Errorf("%q is cut to %q", line, cut)
		}
	})
}
