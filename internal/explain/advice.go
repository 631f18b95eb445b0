// Package explain turns errors of the client and of staging into diagnostics:
// what happened, in the API's own words if it responded; what that means for
// the import (diagnostics.go, ended.go); and the next step for a person
// (next_step.go). Its callers differ only in the Advice that they pass in. It
// imports nothing of package provider.
package explain

import "github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"

// The environment variables that are used for arguments that are not set.
const (
	EnvEndpoint       = "PERMISSIONASSIST_ENDPOINT"
	EnvToken          = "PERMISSIONASSIST_TOKEN"
	EnvCACertFile     = "PERMISSIONASSIST_CA_CERT_FILE"
	EnvClientCertFile = "PERMISSIONASSIST_CLIENT_CERT_FILE"
	EnvClientKeyFile  = "PERMISSIONASSIST_CLIENT_KEY_FILE"
)

// Advice is the part of an error that differs between callers.
// A field is empty or nil if it does not apply.
type Advice struct {
	// Adopt returns how to adopt an import that exists and is not in the state,
	// as the end of a sentence and more sentences. The ID is empty if it is not
	// known.
	Adopt func(id string) string
	// Again explains how to stage a new import once the cause of the error is
	// fixed, as the end of a sentence.
	Again string
	// AfterFailure adds to Again what a failed import may need, as a sentence.
	AfterFailure string
	// Replace explains how to stage a new import if no plan replaces the old one
	// by itself, as the end of a sentence.
	Replace string
	// Gone explains what to do if the import does not exist.
	Gone string
	// Resume explains how to keep waiting for the same import.
	Resume string
	// FileGroups are the GUIDs in the argument files.
	FileGroups []string
	// TokenSource is the source of the token, such as "the argument token".
	TokenSource string
}

// ForImport is for the resource permissionassist_application_import.
func ForImport() Advice {
	return Advice{
		Adopt: func(id string) string {
			if id == "" {
				id = "ID"
			}
			return "run: terraform import ADDRESS " + id + " (ADDRESS is the address of this resource, shown with this error). Do not apply " +
				"again before that: it would stage another import."
		},
		Again: "run terraform apply again",
	}
}

// ForCompletion is for the resource
// permissionassist_application_import_completion. It saves nothing until its
// import has finished, so the next apply creates it again.
func ForCompletion() Advice {
	return Advice{
		Again: "run terraform apply again",
		AfterFailure: "With restage_on_failure = false, run: terraform apply -replace ADDRESS (the address of the " +
			"permissionassist_application_import).",
		Replace: "run: terraform apply -replace ADDRESS (ADDRESS is the address of the permissionassist_application_import; no plan replaces " +
			"this import before it is older than max_age)",
		Gone: "Check import_id and the provider's endpoint. If a permissionassist_application_import of this configuration staged the import, " +
			"run terraform apply again, without -refresh=false, to stage a new one.",
		Resume: "The next apply waits for this import again.",
	}
}

// ForAction is for an action, which has no state and no next apply.
func ForAction() Advice {
	return Advice{
		Adopt:   func(string) string { return "use it as it is. Invoking the action again would stage another import." },
		Again:   "invoke the action again",
		Replace: "invoke the action again",
		Gone:    "To stage a new import, invoke the action again.",
		Resume: "To see its status, read the data source permissionassist_application_import with this ID. To cancel it, invoke the action " +
			"permissionassist_cancel_application_import. Without join_pending, invoking this action again stages another import.",
	}
}

// ImportName returns the import's name for the beginning of a sentence: "Import
// #42 of Jack Henry Silverlake".
func ImportName(imp permissionassist.ApplicationImport) string {
	return "I" + imp.String()[1:]
}

// StatusText returns the status of an import for a message.
func StatusText(imp permissionassist.ApplicationImport) string {
	if imp.Status == "" {
		return "unknown"
	}
	return string(imp.Status)
}
