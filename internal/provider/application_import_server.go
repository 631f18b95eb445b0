package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The private state of an import has the address of the server that it was
// staged on. A "not found" from another server, for example because of a wrong
// provider alias or environment variable, proves nothing.

const serverKey = "server"

// saveServer records the server of an import that was found there.
func saveServer(ctx context.Context, private privateWriter, conn *connection) diag.Diagnostics {
	address, err := json.Marshal(conn.Server())
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Private state could not be written", sentence(err)+" "+bugInProvider)}
	}
	return private.SetKey(ctx, serverKey, address)
}

// stagedHere reports whether an import that was not found was staged on the
// server that is configured now, and adds an error if not. An import without a
// record, from an earlier version of the provider, counts as staged here.
func stagedHere(ctx context.Context, private privateReader, conn *connection, m applicationImportModel, notFound error, diags *diag.Diagnostics) bool {
	value, more := private.GetKey(ctx, serverKey)
	diags.Append(more...)
	if more.HasError() {
		return false
	}

	var server string
	if json.Unmarshal(value, &server) != nil || server == conn.Server() {
		return true
	}

	diags.AddError("Import is not on this server", joinParagraphs(whatHappened(notFound), fmt.Sprintf(
		"%s (ID %s) was staged on %s, and the provider is configured for %s. Nothing was changed. Correct the provider's endpoint (%s) or the "+
			"resource's provider alias. If the server %s is gone permanently, run: terraform state rm ADDRESS",
		importName(m.known()), m.ID.ValueString(), server, conn.Server(), envEndpoint, server)))
	return false
}
