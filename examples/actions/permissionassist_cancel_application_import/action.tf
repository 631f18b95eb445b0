variable "application_import_id" {
  description = "ID of the import to cancel, as an error, a data source or terraform query shows it."
  type        = string
}

# terraform apply -invoke=action.permissionassist_cancel_application_import.it -var=application_import_id=ID
action "permissionassist_cancel_application_import" "it" {
  config {
    application_import_id = var.application_import_id
  }
}
