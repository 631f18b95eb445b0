package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// adoptedImport is stored in the private state of an import that came from
// terraform import: an import block, the command, or an identity. Terraform did
// not upload its files, so files_sha256 lacks them.
type adoptedImport struct {
	// Files is the SHA-256 of each file when it was adopted, by file group in
	// lower case.
	Files map[string]string `json:"files,omitempty"`
}

const adoptedImportKey = "adopted_import"

func newAdoptedImport(files map[string]localFile) *adoptedImport {
	a := &adoptedImport{Files: map[string]string{}}

	for group, file := range byGroup(files) {
		if file.sum != "" {
			a.Files[group] = file.sum
		}
	}
	return a
}

// privateReader and privateWriter are the framework's private state.
type (
	privateReader interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateWriter interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
)

func (a *adoptedImport) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	var diags diag.Diagnostics

	value, err := json.Marshal(a)
	if err != nil {
		diags.AddError("Private state could not be written", sentence(err)+" "+bugInProvider)
		return diags
	}
	return private.SetKey(ctx, adoptedImportKey, value)
}

// loadAdoptedImport returns nil if Terraform staged the import itself.
func loadAdoptedImport(ctx context.Context, private privateReader) (*adoptedImport, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, adoptedImportKey)
	if diags.HasError() || len(value) == 0 {
		return nil, diags
	}

	a := &adoptedImport{}
	if err := json.Unmarshal(value, a); err != nil {
		diags.AddError("Private state could not be read", fmt.Sprintf("The provider's data in the state is damaged (%v). Restore a backup of the "+
			"state, or run: terraform state rm ADDRESS, then: terraform import ADDRESS ID", err))
	}
	return a, diags
}
