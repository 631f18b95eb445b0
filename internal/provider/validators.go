package provider

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// maxQuoted is how many characters of a configured value a message quotes.
const maxQuoted = 100

// described is the description of a validator: "must be a GUID".
type described string

func (d described) Description(context.Context) string { return string(d) }

func (d described) MarkdownDescription(context.Context) string { return string(d) }

// stringCheck validates a string with a function. It accepts null and unknown
// values.
type stringCheck struct {
	// noun names the kind of value in the diagnostic's summary.
	noun string
	described
	// check returns an error that contains no secret.
	check func(string) error
}

// guidCheck accepts a GUID as the API writes it, in upper or lower case.
func guidCheck() stringCheck {
	return stringCheck{"GUID", "must be a GUID in the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", permissionassist.ValidateGUID}
}

// applicationIDCheck accepts the ID of an application in any common format:
// people copy it from the address of a page.
func applicationIDCheck() stringCheck {
	return stringCheck{"GUID", "must be the GUID of an application, or the URL of its page", func(value string) error {
		if _, err := findGUID(value); err != nil {
			return fmt.Errorf("expected the application's GUID, such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301, or the URL of its page, but %w. The "+
				"data source permissionassist_application finds an application by its name", err)
		}
		return nil
	}}
}

// durationCheck accepts a duration above zero.
func durationCheck() stringCheck {
	const must = `must be a positive duration in hours, minutes or seconds, such as "20h", "1h30m" or "30s"`
	return stringCheck{"duration", must, func(value string) error {
		if d, err := time.ParseDuration(value); err != nil || d <= 0 {
			return fmt.Errorf("the value %q %s", permissionassist.Shorten(value, maxQuoted), must)
		}
		return nil
	}}
}

// anyGUIDCheck accepts a GUID in any common format.
func anyGUIDCheck() stringCheck {
	return stringCheck{"GUID", "must be a GUID, or a URL that contains one", func(value string) error {
		if _, err := findGUID(value); err != nil {
			return fmt.Errorf("expected a GUID, such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301, but %w", err)
		}
		return nil
	}}
}

// statusesChecks accept statuses of imports. The server can have undocumented
// ones.
func statusesChecks() []validator.Set {
	var known []string
	for _, status := range permissionassist.Statuses() {
		known = append(known, string(status))
	}
	return append(documented(known), setvalidator.SizeAtLeast(1))
}

// documented accepts a set of texts, with a warning about an unknown one.
func documented(known []string) []validator.Set {
	return []validator.Set{
		setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
		documentedValues{described("should be one of " + strings.Join(known, ", ")), known},
	}
}

// documentedValues warns about values that the vendor does not document. A
// server can have them, but a misspelled one silently matches nothing.
type documentedValues struct {
	described
	known []string
}

// A value is quoted only if it looks like one.
var valueForm = regexp.MustCompile(`^[A-Za-z][A-Za-z -]{0,30}$`)

func (v documentedValues) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range elementsOf(req.ConfigValue) {
		if element == "" || isOneOf(v.known, element) {
			continue
		}
		what := "a value"
		if valueForm.MatchString(element) {
			what = strconv.Quote(element)
		}
		resp.Diagnostics.AddAttributeWarning(req.Path, "Undocumented value in "+req.Path.String(), fmt.Sprintf(
			"The vendor does not document %s, so it may match nothing. The known values are %s.", what, strings.Join(v.known, ", ")))
	}
}

// tokenCheck accepts characters that can be sent in a header.
func tokenCheck() stringCheck {
	return stringCheck{"characters", "must consist of printable ASCII characters without spaces", func(value string) error {
		if value == "" {
			return nil // Configure explains it: it knows the environment.
		}
		return permissionassist.ValidateToken(value)
	}}
}

func pathCheck() stringCheck {
	return stringCheck{"path", "must be the path of a file", permissionassist.ValidatePath}
}

func caCertPEMCheck() stringCheck {
	return stringCheck{"CA certificate", "must contain at least one PEM encoded certificate", func(value string) error {
		if _, err := permissionassist.ParseCACerts([]byte(value)); err != nil {
			return fmt.Errorf("the value cannot be used: %w", err)
		}
		return nil
	}}
}

func regexpCheck() stringCheck {
	const must = "must be a regular expression in RE2's syntax (https://github.com/google/re2/wiki/Syntax)"
	return stringCheck{"regular expression", must, func(value string) error {
		if _, err := regexp.Compile(value); err != nil {
			return fmt.Errorf("the value %q %s: %w", permissionassist.Shorten(value, maxQuoted), must, err)
		}
		return nil
	}}
}

func (c stringCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	c.apply(req.Path, req.ConfigValue, &resp.Diagnostics)
}

// apply adds an error if the value is known and invalid.
func (c stringCheck) apply(at path.Path, value types.String, diags *diag.Diagnostics) {
	if value.IsNull() || value.IsUnknown() {
		return
	}

	if err := c.check(value.ValueString()); err != nil {
		diags.AddAttributeError(at, "Invalid "+c.noun+" in "+at.String(), explain.Sentence(err))
	}
}

// checkRequired adds an error if the value of a required attribute of an action
// is null or invalid.
func checkRequired(attribute string, value types.String, check stringCheck, diags *diag.Diagnostics) {
	if value.IsNull() {
		diags.AddAttributeError(path.Root(attribute), "Missing value for "+attribute, "The argument "+attribute+" is required, but its value "+
			"is null.")
		return
	}

	check.apply(path.Root(attribute), value, diags)
}
