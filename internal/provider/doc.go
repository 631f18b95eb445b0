// Package provider is what Terraform sees of Permission Assist: schemas,
// plans, states and diagnostics. All HTTP is in package permissionassist.
//
// There is one file per thing that Terraform knows by a name, such as
// application_import_resource.go. Models, and the conversions from the API's
// types to them, stand in a _model.go beside it. Errors of the client become
// diagnostics in diagnostics.go and nowhere else.
package provider
