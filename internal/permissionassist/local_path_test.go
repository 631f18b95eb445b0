package permissionassist

import (
	"strings"
	"testing"
)

func TestValidatePath(t *testing.T) {
	t.Parallel()

	name := strings.Repeat("x", 255)
	for path, want := range map[string]string{
		"users.csv": "", "./exports/users Q4 ü.csv": "", `C:\temp\users.csv`: "", "C:/temp/users.csv": "", `\\server\share\users.csv`: "",
		"it's.csv": "", name: "", strings.Repeat(name[:100]+"/", 4): "",
		"": "empty", " ": "empty",
		"user,permission\nalice,teller\n": "content", "-----BEGIN PRIVATE KEY----- MII": "content", "a\x00b": "content", name + "x": "content",
		strings.Repeat("x/", 513): "content",
		"C:\temp\report.csv":      "a tab at position 3", "C:\new\\users.csv": "a line break at position 3",
		"a\x07":   "a control character at position 2",
		"C:/a\rb": `C:\\temp\\users.csv`, `"users.csv"`: "quotation marks", `'C:\users.csv'`: "quotation marks",
	} {
		err := ValidatePath(path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", path, err, want)
		}
		if len(path) > 2 && err != nil && strings.Contains(err.Error(), path) {
			t.Errorf("%q is quoted: %v", path, err)
		}
	}
}

func TestShowPath(t *testing.T) {
	t.Parallel()

	for path, want := range map[string]string{
		"users.csv": `"users.csv"`, `C:\temp\users.csv`: `"C:\temp\users.csv"`, "C:\temp\report": `"C:\temp\report"`, "a\x1b[31m": `"a\x1b[31m"`,
		"user\nalice": "(this is content, not a path)", "-----BEGIN X": "(this is content, not a path)",
		strings.Repeat("x/", 200): "(a path of 400 bytes)",
	} {
		if got := ShowPath(path); got != want {
			t.Errorf("%q is shown as %s, want %s", path, got, want)
		}
	}
}
