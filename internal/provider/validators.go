package provider

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var (
	_ validator.String = guidValidator{}
	_ validator.String = durationValidator{}
	_ validator.String = tokenValidator{}
	_ validator.String = caCertPEMValidator{}
	_ validator.String = regexpValidator{}
)

// sentence gives an error's text the form of a diagnostic's detail.
func sentence(err error) string {
	text := err.Error()

	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]

	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}

	return text
}

// known tells whether there is a value to validate.
func known(req validator.StringRequest) bool {
	return !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown()
}

// guidValidator accepts a GUID as the API writes it, in upper or lower case.
type guidValidator struct{}

// Description implements validator.String.
func (guidValidator) Description(context.Context) string {
	return "must be a GUID in the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
}

// MarkdownDescription implements validator.String.
func (v guidValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (guidValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req) {
		return
	}

	if err := permissionassist.ValidateGUID(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid GUID", sentence(err))
	}
}

// durationValidator accepts a duration above zero.
type durationValidator struct{}

// Description implements validator.String.
func (durationValidator) Description(context.Context) string {
	return `must be a positive duration such as "30s", "10m" or "1h30m"`
}

// MarkdownDescription implements validator.String.
func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req) {
		return
	}

	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("The value %q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// tokenValidator accepts what can be sent as a token, and never shows it.
type tokenValidator struct{}

// Description implements validator.String.
func (tokenValidator) Description(context.Context) string {
	return "must consist of printable ASCII characters without spaces"
}

// MarkdownDescription implements validator.String.
func (v tokenValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (tokenValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req) {
		return
	}

	if err := permissionassist.ValidateToken(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid token", sentence(err))
	}
}

// caCertPEMValidator accepts PEM encoded certificates.
type caCertPEMValidator struct{}

// Description implements validator.String.
func (caCertPEMValidator) Description(context.Context) string {
	return "must contain at least one PEM encoded certificate"
}

// MarkdownDescription implements validator.String.
func (v caCertPEMValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString implements validator.String.
func (caCertPEMValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req) {
		return
	}

	if _, err := permissionassist.ParseCACerts([]byte(req.ConfigValue.ValueString())); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid CA certificate", sentence(err))
	}
}

// regexpValidator accepts a regular expression in RE2's syntax.
type regexpValidator struct{}

// Description implements validator.String.
func (regexpValidator) Description(context.Context) string {
	return "must be a regular expression in RE2's syntax (https://github.com/google/re2/wiki/Syntax)"
}

// MarkdownDescription implements validator.String.
func (v regexpValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v regexpValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req) {
		return
	}

	if _, err := regexp.Compile(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid regular expression",
			fmt.Sprintf("The value %q %s. %s", req.ConfigValue.ValueString(), v.Description(ctx), sentence(err)))
	}
}
