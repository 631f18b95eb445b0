package permissionassist

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text that comes from the server is untrusted. Every string of a response
// passes line, message, tail, excerpt or json before it becomes part of a value
// or an error of this package.

const (
	// How long a text from the server may be, in characters.
	maxLine    = 200
	maxMessage = 2000
	// maxShown is how many bytes of a text are redacted before it is shortened. A
	// token at the cut leaves less than shortestPart. Redacting all of 16 MiB
	// takes most of a second, and half a minute with the race detector.
	maxShown = 64 << 10
)

// line is for fields of one line: printable, without the token, shortened.
func (c *Client) line(s string) string { return c.shorten(s, maxLine) }

// message is line for sentences.
func (c *Client) message(s string) string { return c.shorten(s, maxMessage) }

func (c *Client) shorten(s string, characters int) string {
	return Shorten(oneLine(c.redactor.Redact(s[:min(len(s), maxShown)])), characters)
}

// tail is for the log of an import, which keeps its line breaks: at most n
// bytes of its end. It cuts twice: making a text printable can make it four
// times as long.
func (c *Client) tail(s string, n int) string {
	return lastLines(Printable(lastLines(c.redactor.Redact(s), n)), n)
}

// lastLines returns the lines in the last n bytes of a text, or these bytes if
// they have no line break.
func lastLines(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	if _, lines, found := strings.Cut(s, "\n"); found {
		return lines
	}
	return strings.TrimLeft(strings.ToValidUTF8(s, ""), ":#") // not a command now
}

// excerpt is the beginning of a response's body, for an error message; empty if
// the body may be about people.
func (c *Client) excerpt(operation Operation, body []byte) string {
	const maxExcerpt = 300
	if operation.aboutPeople() {
		return ""
	}
	return c.shorten(string(body[:min(len(body), maxShown)]), maxExcerpt)
}

// json returns a JSON value of undocumented shape with its texts made harmless,
// its keys sorted and without white space; nil for null. A value beyond the
// limits of jsonCleaner or larger than maxJSONBytes is dropped.
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

	cleaner := jsonCleaner{client: c}
	cleaned := cleaner.clean(decoded, maxJSONDepth)
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if cleaner.tooLarge || encoder.Encode(cleaned) != nil || b.Len() > maxJSONBytes {
		return nil, true
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), false
}

// jsonCleaner makes the texts of a JSON value harmless, and finds out whether
// Terraform can handle the value. Terraform compares changed arrays by a table
// of n × n (hashicorp/terraform, internal/plans/objchange/lcs.go): a plan with
// 16,000 numbers took 13 s. The depth bounds the recursion, here and in
// Terraform.
type jsonCleaner struct {
	client *Client
	// elements is how many values there are.
	elements int
	tooLarge bool
}

func (j *jsonCleaner) clean(value any, depth int) any {
	j.elements++
	j.tooLarge = j.tooLarge || j.elements > maxJSONElements
	if j.tooLarge {
		return nil
	}

	switch v := value.(type) {
	case string:
		// On one line: a forged line must not look like Terraform's own output.
		return strings.ReplaceAll(Printable(j.client.redactor.Redact(v)), "\n", " ")
	case json.Number:
		j.tooLarge = j.tooLarge || !fitsFloat64(v.String())
	case []any:
		j.tooLarge = j.tooLarge || len(v) > maxElements || depth == 0
		for i := range v {
			v[i] = j.clean(v[i], depth-1)
		}
	case map[string]any:
		j.tooLarge = j.tooLarge || depth == 0
		cleaned := make(map[string]any, len(v))
		// In order: of keys that become equal, the same one has to win on each read.
		for _, key := range slices.Sorted(maps.Keys(v)) {
			line := j.client.line(key)
			if _, found := cleaned[line]; !found {
				cleaned[line] = j.clean(v[key], depth-1)
			}
		}
		return cleaned
	}
	return value
}

// fitsFloat64 reports whether a JSON number is a finite float64 with no more
// digits than one can hold. Terraform calculates with others too, and
// jsondecode of 1e999999999 makes it crash.
func fitsFloat64(number string) bool {
	const maxDigits = 17 // IEEE 754: enough to tell any two float64 apart

	mantissa, _, _ := strings.Cut(strings.ToLower(number), "e")
	digits := strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(mantissa), "0")
	value, err := strconv.ParseFloat(number, 64)
	return err == nil && len(digits) <= maxDigits && (value != 0 || digits == "")
}

// Printable makes text that came from the server harmless for a terminal and
// for a CI runner. Control characters except line feed and tab, and invisible
// formatting characters are replaced by their escaped form, such as those that
// reverse the direction of writing
// (https://nvd.nist.gov/vuln/detail/CVE-2021-42574). The prefixes of CI
// workflow commands are broken with a space, so that no runner executes them.
func Printable(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case r == '\n' || r == '\t' || r == utf8.RuneError || unicode.IsPrint(r) || unicode.Is(unicode.Zs, r):
			b = utf8.AppendRune(b, r)
		case r < 0x100:
			b = fmt.Appendf(b, `\x%02x`, r)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return breakCommands(string(b))
}

// breakCommands breaks the prefixes by which CI runners recognize commands in
// the output of a job: "::name" at the start of a line
// (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands),
// "##[name]" and "##vso[name]"
// (https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands),
// "##teamcity[name]". Terraform may wrap a line at any space.
func breakCommands(s string) string {
	// Not a regular expression without a literal prefix: it takes seconds for a
	// log.
	var b strings.Builder
	copied := 0
	for at := 0; ; {
		colons := strings.Index(s[at:], "::")
		if colons < 0 {
			return hashCommand.ReplaceAllString(b.String()+s[copied:], "# #$1")
		}
		colons += at
		at = len(s) - len(strings.TrimLeft(s[colons:], ":"))
		if before, _ := utf8.DecodeLastRuneInString(s[:colons]); colons == 0 || unicode.In(before, unicode.White_Space, unicode.Z) {
			b.WriteString(s[copied:colons] + strings.Repeat(": ", at-colons-1))
			copied = at - 1
		}
	}
}

var hashCommand = regexp.MustCompile(`##(\w*\[)`)

// oneLine is Printable for text that has to stay on one line: white space of
// any kind and length becomes one space.
func oneLine(s string) string {
	return strings.Join(strings.Fields(Printable(strings.Join(strings.Fields(s), " "))), " ")
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
