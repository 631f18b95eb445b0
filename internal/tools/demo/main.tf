# "make demo" applies this against a sandbox on this machine.

terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
    }
  }
}

# PERMISSIONASSIST_ENDPOINT and PERMISSIONASSIST_TOKEN name the server and the token.
provider "permissionassist" {}

variable "application" {
  description = "Name of the application to import."
  type        = string
  default     = "Jack Henry Silverlake"
}

data "permissionassist_application" "core" {
  name = var.application
}

resource "permissionassist_application_import" "core" {
  application_id = data.permissionassist_application.core.id
}

resource "permissionassist_application_import_completion" "core" {
  import_id = permissionassist_application_import.core.id
}

output "import" {
  description = "Result of the import"
  value = {
    application = data.permissionassist_application.core.name
    number      = permissionassist_application_import_completion.core.number
    status      = permissionassist_application_import_completion.core.status
    build_start = permissionassist_application_import_completion.core.build_start
    build_end   = permissionassist_application_import_completion.core.build_end
  }
}
