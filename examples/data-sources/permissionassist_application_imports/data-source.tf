# All imports that are pending, running or being canceled.
data "permissionassist_application_imports" "unfinished" {
  statuses = ["Pending", "Running", "Canceling"]
}

output "unfinished" {
  value = [
    for i in data.permissionassist_application_imports.unfinished.imports :
    "#${i.number} ${try(i.application.name, "(application removed)")}: ${i.status}"
  ]
}
