# What "make demo" applies, against a Permission Assist that runs on this machine.

terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
    }
  }
}

# The endpoint and the token are in the environment: PERMISSIONASSIST_ENDPOINT and PERMISSIONASSIST_TOKEN.
provider "permissionassist" {}

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

resource "permissionassist_application_import" "core" {
  application_id      = data.permissionassist_application.core.id
  wait_for_completion = true
}

output "import" {
  description = "How the import went"
  value = {
    application = data.permissionassist_application.core.name
    number      = permissionassist_application_import.core.number
    status      = permissionassist_application_import.core.status
    build_start = permissionassist_application_import.core.build_start
    build_end   = permissionassist_application_import.core.build_end
  }
}
