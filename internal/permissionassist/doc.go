// Package permissionassist is a client of the Permission Assist API.
//
// It knows HTTP and Permission Assist and nothing of Terraform: methods take a
// context and typed values and return typed values or typed errors. Every
// method obeys its context; the one exception, and why it is one, is described
// at [Client.StageImport].
//
// The facts about the API come from the vendor's public reference
// (docs.sycorr.com, "Trigger an import" and its siblings). Where that reference
// is silent or contradicts itself, the client is strict in what it sends and
// tolerant in what it accepts.
//
// The package may import go-retryablehttp and terraform-plugin-log; no other
// Terraform module, and nothing else of this repository.
package permissionassist
