package provider

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

var applicationAndNumber = regexp.MustCompile(`^([^/]+)/#?([0-9]{1,18})$`)

// importID returns the GUID of the import that a user wants to import into the
// state.
func (c *connection) importID(ctx context.Context, text string, diags *diag.Diagnostics) (string, bool) {
	if match := applicationAndNumber.FindStringSubmatch(text); match != nil {
		if applicationID, err := findGUID(match[1]); err == nil {
			return c.findByNumber(ctx, applicationID, match[2], diags)
		}
	}

	id, err := findGUID(text)
	if err != nil {
		diags.AddError("Invalid import ID", fmt.Sprintf("Expected APPLICATION_ID/NUMBER, the import's GUID, or a URL that contains exactly one "+
			"GUID, but %s.\n\nPermission Assist shows the number of an import, such as #1001. To import by number, run: terraform import ADDRESS "+
			"APPLICATION_ID/1001", err))
	}
	return id, err == nil
}

// findByNumber returns the GUID of an application's import with the number.
func (c *connection) findByNumber(ctx context.Context, applicationID, digits string, diags *diag.Diagnostics) (string, bool) {
	number, _ := strconv.ParseInt(digits, 10, 64) // The pattern matches only numbers that fit.
	imp, err := c.FindApplicationImport(ctx, applicationID, number)
	switch {
	case errors.Is(err, permissionassist.ErrNoImports):
		diags.AddError("Import not found", fmt.Sprintf("Permission Assist has no import #%d of application %s. "+
			"The data source permissionassist_application_imports lists the imports of an application.", number, applicationID))
	case err != nil:
		explain.AddError(diags, "Import could not be read", err, c.advice())
	}
	return imp.ID, err == nil
}
