# Imports an application again whenever the export that its connector reads has changed. The file is not sent: the
# server reads it where the application's import schedule says. To send files, see examples/upload.

variable "export_file" {
  description = "Path of the export, as this machine sees it."
  type        = string
  default     = "export.csv"
}

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

resource "permissionassist_application_import" "core" {
  application_id      = data.permissionassist_application.core.id
  wait_for_completion = true

  triggers = {
    export = filesha256(var.export_file)
  }
}

output "status" {
  value = permissionassist_application_import.core.status
}
