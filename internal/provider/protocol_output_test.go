package provider_test

import (
	"bytes"
	"context"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"
)

// output collects all output of the provider: logs at TRACE (its own and the
// framework's), and responses.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// logged returns a context with loggers that write to the output.
func (o *output) logged(ctx context.Context) context.Context {
	return tflogtest.RootLogger(tfsdklogtest.RootLogger(ctx, o), o)
}

// add adds all texts of a response. A DynamicValue has its strings unescaped.
func (o *output) add(resp any) { o.addValue(reflect.ValueOf(resp)) }

func (o *output) addValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			o.addValue(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			o.addValue(v.Field(i))
		}
	case reflect.String:
		_, _ = o.Write([]byte(v.String() + "\n"))
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			_, _ = o.Write(append(slices.Clone(v.Bytes()), '\n'))
			return
		}
		for i := range v.Len() {
			o.addValue(v.Index(i))
		}
	}
}

func (o *output) wantNoToken(t *testing.T) {
	t.Helper()
	all := o.String()
	if i := strings.Index(all, token); i >= 0 {
		t.Errorf("the output has the token: …%s…", all[max(0, i-300):min(len(all), i+100)])
	}
}

// wantSameState compares two states.
func wantSameState(t *testing.T, before, after *tfprotov6.DynamicValue) {
	t.Helper()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the state has changed:\n%s", diff)
	}
}

// summaries returns the severities and summaries of diagnostics, one per line.
func summaries(diags []*tfprotov6.Diagnostic) string {
	lines := make([]string, 0, len(diags))
	for _, d := range diags {
		lines = append(lines, d.Severity.String()+": "+d.Summary)
	}
	return strings.Join(lines, "\n")
}

// details is summaries with the attribute and the detail.
func details(diags []*tfprotov6.Diagnostic) string {
	lines := make([]string, 0, len(diags))
	for _, d := range diags {
		lines = append(lines, d.Severity.String()+": "+d.Attribute.String()+": "+d.Summary+"\n"+d.Detail)
	}
	return strings.Join(lines, "\n\n")
}

// wantClean stops the test if there are diagnostics.
func wantClean(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	if len(diags) > 0 {
		t.Fatal(details(diags))
	}
}

// wantSummaries fails the test unless the diagnostics have exactly these
// severities and summaries. It returns their details.
func wantSummaries(t *testing.T, diags []*tfprotov6.Diagnostic, want string) string {
	t.Helper()
	if got := summaries(diags); got != want {
		t.Errorf("the diagnostics are, instead of %q:\n%s", want, details(diags))
	}
	return details(diags)
}

// wrapping is what Terraform puts between words when it wraps the text of a
// diagnostic and draws a border.
var wrapping = regexp.MustCompile(`[\s│]+`)

func unwrapped(text string) string { return wrapping.ReplaceAllString(text, " ") }

// fragments returns texts that " … " separates.
func fragments(texts []string) []string { return strings.Split(strings.Join(texts, " … "), " … ") }

// wantContains fails the test unless the text has all of these fragments,
// however it is wrapped.
func wantContains(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range fragments(want) {
		if !strings.Contains(unwrapped(got), unwrapped(w)) {
			t.Errorf("%q is missing in:\n%s", w, got)
		}
	}
}

// wantNotContains fails the test if the text has one of these fragments.
func wantNotContains(t *testing.T, got string, not ...string) {
	t.Helper()
	for _, n := range fragments(not) {
		if n != "" && strings.Contains(unwrapped(got), unwrapped(n)) {
			t.Errorf("%q is out of place in:\n%s", n, got)
		}
	}
}
