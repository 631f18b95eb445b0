data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

# The latest import of the application, whoever staged it.
data "permissionassist_application_import" "latest" {
  application_id = data.permissionassist_application.core.id
}

output "latest_import" {
  value = {
    number = data.permissionassist_application_import.latest.number
    status = data.permissionassist_application_import.latest.status
    files  = data.permissionassist_application_import.latest.files[*].name
    log    = data.permissionassist_application_import.latest.log
  }
}
