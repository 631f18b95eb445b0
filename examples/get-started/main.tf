terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
    }
  }
}

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

# Stage a new import with each release, and continue only after it has finished.
resource "permissionassist_application_import" "core" {
  application_id      = data.permissionassist_application.core.id
  wait_for_completion = true

  triggers = {
    release = "2026.11"
  }

  timeouts {
    create = "90m"
  }
}

output "core_import" {
  value = {
    number  = permissionassist_application_import.core.number
    status  = permissionassist_application_import.core.status
    metrics = permissionassist_application_import.core.metrics
  }
}
