// Package provider implements the Terraform provider: schemas, plans, states
// and diagnostics. All HTTP is in package permissionassist.
//
// Each resource, data source, action and function has its own file, such as
// application_import_resource.go. Its model is in the same file or, if it is long
// or shared, in a _model.go next to it. diagnostics.go converts errors of requests
// to diagnostics; provider_model.go reports errors of the configuration.
package provider
