# Uploads files for an application with a file-based connector, and imports them again whenever their content changes.
# No import schedule is needed. The files are streamed, of any size.

variable "users_file" {
  description = "Path of the export with the users. It is read at every plan."
  type        = string
  default     = "users.csv"
}

data "permissionassist_application" "aml" {
  name = "Verafin"
}

resource "permissionassist_application_import" "aml" {
  application_id      = data.permissionassist_application.aml.id
  wait_for_completion = true

  # One file for each file group of the connector, by the file group's GUID: the connector's definition in Permission
  # Assist has it. Every file group that the connector requires has to be there.
  files = {
    "8d2e6a90-71c4-4f3b-8a5d-3c9b7e5f1a01" = var.users_file
  }

  timeouts {
    create = "90m" # the upload and the wait together
  }
}

output "uploaded" {
  description = "What the import was made of, by file group: the SHA-256 of each file."
  value       = permissionassist_application_import.aml.files_sha256
}

output "status" {
  value = permissionassist_application_import.aml.status
}
