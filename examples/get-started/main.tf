terraform {
  required_version = ">= 1.8"

  required_providers {
    permissionassist = {
      source  = "permissionassist/permissionassist"
      version = "~> 0.1"
    }
  }
}

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

# Stages a new import with each release.
resource "permissionassist_application_import" "core" {
  application_id = data.permissionassist_application.core.id

  triggers = {
    release = "2026.11"
  }
}

# Waits until that import has finished, and fails if it does not.
resource "permissionassist_application_import_completion" "core" {
  import_id = permissionassist_application_import.core.id

  timeouts {
    create = "90m"
  }
}

output "core_import" {
  value = {
    number  = permissionassist_application_import_completion.core.number
    status  = permissionassist_application_import_completion.core.status
    metrics = permissionassist_application_import_completion.core.metrics
  }
}
