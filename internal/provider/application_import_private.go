package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
)

// The private state of an import has the address of the server that it was
// staged on, and the files of an import that came from terraform import.

const (
	serverKey       = "server"
	adoptedFilesKey = "adopted_import"
)

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

func savePrivate(ctx context.Context, private interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}, key string, value any) diag.Diagnostics {
	data, _ := json.Marshal(value) // of texts only, so it cannot fail
	return private.SetKey(ctx, key, data)
}

// verifyServer returns true if an import that was not found was staged on the
// server that is configured now, and adds an error if not: a "not found" from
// another server, for example because of a wrong provider alias, proves
// nothing. An import without a record counts as staged here.
func verifyServer(
	ctx context.Context, private privateReader, conn *connection, m applicationImportModel, notFound error, diags *diag.Diagnostics,
) bool {
	value, more := private.GetKey(ctx, serverKey)
	diags.Append(more...)
	if more.HasError() {
		return false
	}

	var server string
	if json.Unmarshal(value, &server) != nil || server == conn.Server() {
		return true
	}

	diags.AddError("Import is not on this server", explain.Paragraphs(explain.WhatHappened(notFound), fmt.Sprintf(
		"%s (ID %s) was staged on %s, and the provider is configured for %s. Nothing was changed. Correct the provider's endpoint (%s) or the "+
			"resource's provider alias. If the server %s is gone permanently, run: terraform state rm ADDRESS",
		explain.ImportName(m.known()), m.ID.ValueString(), server, conn.Server(), explain.EnvEndpoint, server)))
	return false
}

// adoptedFiles are the files of an import that came from terraform import: an
// import block, the command, or an identity. Terraform did not upload them, so
// files_sha256 lacks them.
type adoptedFiles struct {
	// SHA256 is the checksum of each file when it was adopted, by file group in
	// lower case.
	SHA256 map[string]string `json:"files,omitempty"`
}

func newAdoptedFiles(files map[string]localFile) *adoptedFiles {
	a := &adoptedFiles{SHA256: map[string]string{}}
	for group, file := range byGroup(files) {
		if file.sum != "" {
			a.SHA256[group] = file.sum
		}
	}
	return a
}

// loadAdoptedFiles returns nil if Terraform staged the import itself.
func loadAdoptedFiles(ctx context.Context, private privateReader) (*adoptedFiles, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, adoptedFilesKey)
	if diags.HasError() || len(value) == 0 {
		return nil, diags
	}

	a := &adoptedFiles{}
	if err := json.Unmarshal(value, a); err != nil {
		diags.AddError("Private state could not be read", fmt.Sprintf("The provider's data in the state is damaged (%v). Restore a backup of "+
			"the state, or run: terraform state rm ADDRESS, then: terraform import ADDRESS ID", err))
	}
	return a, diags
}
