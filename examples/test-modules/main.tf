terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
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
  application_id      = data.permissionassist_application.core.id
  wait_for_completion = true

  triggers = {
    release = var.release
  }

  lifecycle {
    postcondition {
      condition     = self.status == "Finished"
      error_message = "The status of import #${self.number} is ${self.status}."
    }
  }
}

output "core_import" {
  value = "import #${permissionassist_application_import.core.number} is ${permissionassist_application_import.core.status}"
}
