data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

output "core_application_id" {
  value = data.permissionassist_application.core.id
}
