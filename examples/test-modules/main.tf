terraform {
  required_version = ">= 1.8"

  required_providers {
    permissionassist = {
      source  = "permissionassist/permissionassist"
      version = "~> 0.1"
    }
  }
}

variable "release" {
  description = "Version of the release. A new value stages a new import."
  type        = string
}

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

resource "permissionassist_application_import" "core" {
  application_id = data.permissionassist_application.core.id

  triggers = {
    release = var.release
  }
}

resource "permissionassist_application_import_completion" "core" {
  import_id = permissionassist_application_import.core.id

  lifecycle {
    postcondition {
      condition     = try(jsondecode(self.metrics).warnings == 0, true)
      error_message = "Import #${self.number} has warnings."
    }
  }
}

output "core_import" {
  value = "import #${permissionassist_application_import_completion.core.number} has finished"
}
