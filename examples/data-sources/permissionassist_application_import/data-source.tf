data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

# The application's latest import, no matter who staged it.
data "permissionassist_application_import" "latest" {
  application_id = data.permissionassist_application.core.id
}

output "latest_import" {
  value = {
    number      = data.permissionassist_application_import.latest.number
    status      = data.permissionassist_application_import.latest.status
    file_groups = data.permissionassist_application_import.latest.files[*].file_group_id
  }
}

# The log can name people and accounts. To show it: terraform output -raw latest_log
output "latest_log" {
  value     = data.permissionassist_application_import.latest.log
  sensitive = true
}

# The application's last successful import.
data "permissionassist_application_import" "last_success" {
  application_id = data.permissionassist_application.core.id
  statuses       = ["Finished"]
}

output "last_success" {
  value = data.permissionassist_application_import.last_success.build_end
}
