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

output "core_import" {
  value = permissionassist_application_import.core.number
}
