// Package provider implements the Terraform provider: schemas, plans, states
// and diagnostics. All HTTP is in package permissionassist.
//
// Each resource, data source, action and function has its own file, such as
// application_import_resource.go. Its model, with the conversion from the API's
// types, is in a _model.go next to it. Only diagnostics.go converts errors of
// the client to diagnostics.
package provider
