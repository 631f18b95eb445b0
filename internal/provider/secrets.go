package provider

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// Secrets are texts that no diagnostic and no log line may contain: the
// provider's token, and anything that looks like a token. A user may put a
// token into the wrong argument, such as application_id, and an error then
// quotes it. The zero value is ready to use.
type Secrets struct {
	token atomic.Pointer[permissionassist.Redactor]
}

// tokenForm matches tokens of Permission Assist.
var tokenForm = regexp.MustCompile(`\bpa_[0-9A-Za-z_.~+/=-]+`)

const hidden = "[REDACTED]"

func (s *Secrets) learn(token string) {
	if token != "" {
		s.token.Store(permissionassist.NewRedactor(token))
	}
}

// Hide returns a text without secrets.
func (s *Secrets) Hide(text string) string {
	if token := s.token.Load(); token != nil {
		text = token.Redact(text)
	}
	// Terraform validates a configuration before it configures the provider.
	if token := os.Getenv(explain.EnvToken); token != "" {
		text = permissionassist.NewRedactor(token).Redact(text)
	}
	return tokenForm.ReplaceAllString(text, hidden)
}

// clean makes diagnostics safe to print. Every diagnostic passes it, including
// those of the framework and of libraries, which quote values, too.
func (s *Secrets) clean(diagnostics []*tfprotov6.Diagnostic) {
	for _, d := range diagnostics {
		d.Summary, d.Detail = breakMarkup(s.Hide(d.Summary)), breakMarkup(s.Hide(d.Detail))
		d.Attribute = s.hideInPath(d.Attribute)
	}
}

// markup matches what Terraform 1.16 interprets in a diagnostic, after we have
// cleaned it: [red] becomes an escape sequence, and [reset] disappears, so
// that the text around it joins (github.com/mitchellh/colorstring).
var markup = regexp.MustCompile(`\[([0-9A-Za-z_-]+)\]`)

// breakMarkup breaks markup in sentences. A quoted line gets a space in front
// of its bar: Terraform prints an indented line as it is, and does not wrap it,
// which could put a part of it at the beginning of a line.
func breakMarkup(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "| "):
			lines[i] = " " + line
		case !strings.HasPrefix(line, " "):
			lines[i] = strings.ReplaceAll(markup.ReplaceAllString(line, "[ $1]"), "[ REDACTED]", hidden)
		}
	}
	return strings.Join(lines, "\n")
}

// hideInPath cuts a path off before the key of a map or the element of a set
// that is a secret: the plugin's log has the path of each diagnostic.
func (s *Secrets) hideInPath(path *tftypes.AttributePath) *tftypes.AttributePath {
	steps := path.Steps()
	for i, step := range steps {
		if text := fmt.Sprint(step); s.Hide(text) != text {
			return tftypes.NewAttributePathWithSteps(steps[:i])
		}
	}
	return path
}

// Writer returns a writer that removes secrets and writes to w. It is for
// loggers, which write a whole line at a time: with GODEBUG=http2debug=2,
// net/http logs the headers of requests.
func (s *Secrets) Writer(w io.Writer) io.Writer { return secretsWriter{s, w} }

type secretsWriter struct {
	secrets *Secrets
	w       io.Writer
}

func (w secretsWriter) Write(line []byte) (int, error) {
	if _, err := io.WriteString(w.w, w.secrets.Hide(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}
