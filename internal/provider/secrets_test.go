package provider

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func TestSecrets_Hide(t *testing.T) {
	t.Setenv(explain.EnvToken, "from-environment")
	s := &Secrets{}
	s.learn("own+token")

	for text, want := range map[string]string{
		"own+token and own+token": "[REDACTED] and [REDACTED]",
		"from-environment":        "[REDACTED]",
		`"pa_Zq7r-T.9~x"`:         `"[REDACTED]"`,
		"https://pa_x/api":        "https://[REDACTED]",
		"Tokens look like pa_…":   "Tokens look like pa_…",
		"spa_menu, my_pa_file":    "spa_menu, my_pa_file",
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// The path of a diagnostic is in the plugin's log, and its steps can be values.
func TestSecrets_clean(t *testing.T) {
	t.Parallel()

	s := &Secrets{}
	path := tftypes.NewAttributePath().WithAttributeName("priorities")
	d := &tfprotov6.Diagnostic{
		Summary: "Invalid pa_1", Detail: "pa_2 is not a priority", Attribute: path.WithElementKeyValue(tftypes.NewValue(tftypes.String, "pa_3")),
	}
	kept := &tfprotov6.Diagnostic{Summary: "x", Attribute: path}
	s.clean([]*tfprotov6.Diagnostic{d, kept})

	if strings.Contains(d.Summary+d.Detail+d.Attribute.String(), "pa_") || !d.Attribute.Equal(path) {
		t.Errorf("the diagnostic is %+v", d)
	}
	if !kept.Attribute.Equal(path) {
		t.Errorf("the path is %s", kept.Attribute)
	}
}

func TestSecrets_Writer(t *testing.T) {
	t.Parallel()

	var b bytes.Buffer
	n, err := (&Secrets{}).Writer(&b).Write([]byte("authorization = Bearer pa_x\n"))
	if n != 28 || err != nil || b.String() != "authorization = Bearer [REDACTED]\n" {
		t.Errorf("%d, %v: %q", n, err, &b)
	}
}

// Terraform 1.16 interprets markup in sentences, and wraps them. It prints
// indented lines as they are.
func TestBreakMarkup(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"plain":                         "plain",
		"a [red] b [Bold][reset]c":      "a [ red] b [ Bold][ reset]c",
		":[red]:error ##[bold]":         ":[ red]:error ##[ bold]",
		"[REDACTED] and [redacted]":     "[REDACTED] and [ redacted]",
		"one of: [\"None\" \"Low\"] []": "one of: [\"None\" \"Low\"] []",
		"x\n| [red] log\n| next":        "x\n | [red] log\n | next",
		" | [red]":                      " | [red]",
	} {
		if got := breakMarkup(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// Whatever a server wrote, Terraform finds no markup in a diagnostic, and no
// line that it prints looks like a command for a CI runner, however it wraps
// them.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{"a [red] b", ":[red]:error x", "##[bold][error]x", "x\n| [red]\n::error::", "[[red]]", "[re\u0301d]"} {
		f.Add(seed)
	}
	markup := regexp.MustCompile(`(?i)\[[a-z0-9_-]+\]`)
	command := regexp.MustCompile(`^\s*(::|##(\w*)\[)`)

	f.Fuzz(func(t *testing.T, s string) {
		d := &tfprotov6.Diagnostic{Summary: "Import of " + permissionassist.Printable(s) + " failed", Detail: permissionassist.Printable(s)}
		(&Secrets{}).clean([]*tfprotov6.Diagnostic{d})

		for line := range strings.SplitSeq(d.Summary+"\n"+d.Detail, "\n") {
			if strings.HasPrefix(line, " ") {
				continue // Terraform prints it as it is
			}
			printed := strings.ReplaceAll(line, hidden, "")
			if markup.MatchString(printed) {
				t.Errorf("%q has markup: %q", s, line)
			}
			for word := range strings.FieldsSeq(printed) {
				if command.MatchString(word) {
					t.Errorf("%q has a command at %q in %q", s, word, line)
				}
			}
		}
	})
}
