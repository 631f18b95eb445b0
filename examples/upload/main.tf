# Uploads files for an application with a file-based connector, and again whenever their content changes. No import
# schedule is needed.

variable "users_file" {
  description = "Path of the export with the users."
  type        = string
  default     = "users.csv"
}

data "permissionassist_application" "aml" {
  name = "Verafin"
}

resource "permissionassist_application_import" "aml" {
  application_id = data.permissionassist_application.aml.id

  # One file per file group of the connector. The keys are the file groups' GUIDs.
  files = {
    "8d2e6a90-71c4-4f3b-8a5d-3c9b7e5f1a01" = var.users_file
  }
}

resource "permissionassist_application_import_completion" "aml" {
  import_id = permissionassist_application_import.aml.id
}

output "uploaded" {
  description = "SHA-256 of each uploaded file, by file group."
  value       = permissionassist_application_import.aml.files_sha256
}

output "metrics" {
  value = permissionassist_application_import_completion.aml.metrics
}
