package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func identities() lookup[identitiesModel] {
	return lookup[identitiesModel]{
		name: "identities",
		description: "Finds identities in Permission Assist: people and accounts from the directory. An empty result is not an error. One " +
			"person can have several identities with the same email address, such as a standard and an admin account. A status is as old as the " +
			"last synchronization of the directory. All lookups in one run share one scan of the server's list, 50 identities per request. Every " +
			"identity is personal data.",
		attributes:  identitiesAttributes(),
		isEphemeral: true,
		read:        readIdentities,
	}
}

type identitiesModel struct {
	EmailAddresses types.Set       `tfsdk:"email_addresses"`
	Statuses       types.Set       `tfsdk:"statuses"`
	Types          types.Set       `tfsdk:"types"`
	Departments    types.Set       `tfsdk:"departments"`
	Identities     []identityModel `tfsdk:"identities"`
	Missing        types.Set       `tfsdk:"missing"`
	NotActive      types.Set       `tfsdk:"not_active"`
}

type identityModel struct {
	ID              types.String `tfsdk:"id"`
	FirstName       types.String `tfsdk:"first_name"`
	LastName        types.String `tfsdk:"last_name"`
	EmailAddress    types.String `tfsdk:"email_address"`
	Type            types.String `tfsdk:"type"`
	Status          types.String `tfsdk:"status"`
	Title           types.String `tfsdk:"title"`
	Company         types.String `tfsdk:"company"`
	Division        types.String `tfsdk:"division"`
	Department      types.String `tfsdk:"department"`
	Office          types.String `tfsdk:"office"`
	SupervisorName  types.String `tfsdk:"supervisor_name"`
	CreatedDate     types.String `tfsdk:"created_date"`
	UpdatedDate     types.String `tfsdk:"updated_date"`
	FirstSeenDate   types.String `tfsdk:"first_seen_date"`
	InactivatedDate types.String `tfsdk:"inactivated_date"`
}

func newIdentityModel(i permissionassist.Identity) identityModel {
	return identityModel{
		ID: stringOrNull(i.ID), FirstName: stringOrNull(i.FirstName), LastName: stringOrNull(i.LastName),
		EmailAddress: stringOrNull(i.EmailAddress), Type: stringOrNull(i.Type), Status: stringOrNull(i.Status),
		Title: stringOrNull(i.Title), Company: stringOrNull(i.Company), Division: stringOrNull(i.Division),
		Department: stringOrNull(i.Department), Office: stringOrNull(i.Office), SupervisorName: stringOrNull(i.SupervisorName),
		CreatedDate: stringOrNull(i.CreatedDate), UpdatedDate: stringOrNull(i.UpdatedDate),
		FirstSeenDate: stringOrNull(i.FirstSeenDate), InactivatedDate: stringOrNull(i.InactivatedDate),
	}
}

func identitiesAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"email_addresses": optionalSet("Email addresses to look up. Case does not matter. An empty set matches nobody. Default: everybody. " +
			"Personal data."),
		"statuses": filter("List only identities with one of these statuses:", permissionassist.IdentityStatuses()),
		"types":    filter("List only identities of one of these types:", permissionassist.IdentityTypes()),
		"departments": optionalSet("List only identities of one of these departments. Case and white space do not matter. An empty set matches " +
			"nothing. Default: any."),
		"identities": computedObjects("The identities that match all arguments, ordered by last name, first name and ID. Personal data. A value "+
			"is null if the server does not report it.", computedTexts(identityDescriptions())),
		"missing": computedSet("Elements of `email_addresses` that no identity has, as written in the configuration. The other arguments have " +
			"no effect on it. Null without `email_addresses`. Personal data."),
		"not_active": computedSet("Elements of `email_addresses` that no identity with the status `Active` has, as written in the " +
			"configuration. It includes `missing`. The other arguments have no effect on it. Null without `email_addresses`. Personal data."),
	}
}

func identityDescriptions() map[string]string {
	return map[string]string{
		"id":         "GUID of the identity, in lower case.",
		"first_name": "First name.", "last_name": "Last name.",
		"email_address": "Email address. Not unique.",
		"type": "`Employee`, `Service Account`, `Vendor`, `Shared`, `Mailbox`, `Client`, `Temporary`, `Administrator`, `Auditor`, `Unknown`, " +
			"or another type as the server reports it.",
		"status": "`Active`, `Disabled` or `Removed` in the directory, as of its last synchronization, or another status as the server reports " +
			"it.",
		"title": "Job title.", "company": "Company.", "division": "Division.", "department": "Department.", "office": "Office.",
		"supervisor_name":  "Name of the supervisor, as `Last, First`.",
		"created_date":     "Time when Permission Assist created the identity" + asReported,
		"updated_date":     "Time when Permission Assist updated the identity" + asReported,
		"first_seen_date":  "Time when the synchronization first found the identity" + asReported,
		"inactivated_date": "Time when the identity became inactive" + asReported + " Null for an active identity.",
	}
}

func readIdentities(ctx context.Context, conn *connection, m *identitiesModel, diags *diag.Diagnostics) {
	addresses, departments := elementsOf(m.EmailAddresses), elementsOf(m.Departments)
	statuses, kinds := elementsOf(m.Statuses), elementsOf(m.Types)
	m.Identities, m.Missing, m.NotActive = []identityModel{}, setOrNull(addresses), setOrNull(addresses)
	if addresses != nil && len(addresses) == 0 {
		return // nobody
	}

	all, err := conn.ListIdentities(ctx)
	if err != nil {
		explain.AddError(diags, "Identities could not be listed", err, conn.advice())
		return
	}
	missing, notActive := slices.Clone(addresses), slices.Clone(addresses)
	for _, i := range sortedBy(all, func(i permissionassist.Identity) []string { return []string{i.LastName, i.FirstName, i.ID} }) {
		isLookedUp := i.HasEmailAddress
		if addresses != nil && !slices.ContainsFunc(addresses, isLookedUp) {
			continue
		}
		missing = slices.DeleteFunc(missing, isLookedUp)
		if i.Status == permissionassist.IdentityActive {
			notActive = slices.DeleteFunc(notActive, isLookedUp)
		}
		if isOneOf(statuses, i.Status) && isOneOf(kinds, i.Type) && isOneOf(departments, i.Department) {
			m.Identities = append(m.Identities, newIdentityModel(i))
		}
	}
	m.Missing, m.NotActive = setOrNull(missing), setOrNull(notActive)
}
