variable "application_import_id" {
  description = "ID of the import to cancel. Errors, data sources and terraform query show it."
  type        = string
}

# terraform apply -invoke action.permissionassist_cancel_application_import.stray -var application_import_id=ID
action "permissionassist_cancel_application_import" "stray" {
  config {
    application_import_id = var.application_import_id
  }
}
