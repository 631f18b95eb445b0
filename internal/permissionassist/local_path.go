package permissionassist

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// A configured path can be something else by mistake: the content of a file,
// such as a private key, or a Windows path whose backslashes HCL took for
// escape sequences. No message quotes a text that does not look like a path.

const (
	// longestName is the longest name of a file or folder in bytes, on Linux. On
	// Windows and macOS it is 255 UTF-16 units, so a path may be longer than this,
	// but no element of it that is ASCII.
	longestName = 255
	// longestPath is longer than any path that people write.
	longestPath = 1024
)

var windowsPath = regexp.MustCompile(`^(?:[A-Za-z]:|\\)`)

// ValidatePath returns an error if a text cannot be a path. The error does not
// quote the text.
func ValidatePath(path string) error {
	escaped := windowsPath.MatchString(path) && len(path) <= longestName

	switch {
	case strings.TrimSpace(path) == "":
		return errors.New("the path is empty")
	case isContent(path) && !escaped:
		return errors.New("this is content, not a path: set it to the path of a file")
	case len(path) > 1 && strings.ContainsRune(`"'`, rune(path[0])) && path[0] == path[len(path)-1]:
		return errors.New("the path is in quotation marks, which would be part of the file's name: remove them")
	}

	position := 0
	for _, r := range path {
		position++
		if unicode.IsControl(r) {
			return fmt.Errorf("the path has %s at position %d: in a string, a backslash starts an escape sequence. Write C:/temp/users.csv or "+
				`C:\\temp\\users.csv`, controlName(r), position)
		}
	}
	return nil
}

func controlName(r rune) string {
	switch r {
	case '\t':
		return "a tab"
	case '\r', '\n':
		return "a line break"
	default:
		return "a control character"
	}
}

// isContent reports whether a text is content rather than a path.
func isContent(text string) bool {
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '/' || r == '\\' }) {
		if len(name) > longestName {
			return true
		}
	}
	return strings.ContainsAny(text, "\n\x00") || strings.Contains(text, "-----BEGIN") || len(text) > longestPath
}

// ShowPath returns a path for a message: in quotation marks, with single
// backslashes and no raw control characters. A text that does not look like a
// path is not shown.
func ShowPath(path string) string {
	switch {
	case isContent(path):
		return "(this is content, not a path)"
	case len(path) > longestName:
		return fmt.Sprintf("(a path of %d bytes)", len(path))
	default:
		return `"` + Printable(strings.NewReplacer("\t", `\t`, "\r", `\r`).Replace(path)) + `"`
	}
}
