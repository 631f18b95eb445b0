# What is under way now, in all applications.
data "permissionassist_application_imports" "under_way" {
  statuses = ["Pending", "Running", "Canceling"]
}

output "under_way" {
  value = [
    for i in data.permissionassist_application_imports.under_way.imports :
    "#${i.number} ${try(i.application.name, "of a removed application")} (${i.status})"
  ]
}
