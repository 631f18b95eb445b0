# Imports an application whenever the export that its connector reads has changed. Terraform does not send the file:
# the server reads it from the path in the import schedule. To send files, see examples/upload.

variable "export_file" {
  description = "Path of the export on the machine that runs Terraform."
  type        = string
  default     = "export.csv"
}

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

resource "permissionassist_application_import" "core" {
  application_id = data.permissionassist_application.core.id

  triggers = {
    export = filesha256(var.export_file)
  }
}

resource "permissionassist_application_import_completion" "core" {
  import_id = permissionassist_application_import.core.id
}

output "finished" {
  value = permissionassist_application_import_completion.core.build_end
}
