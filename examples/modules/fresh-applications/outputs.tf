output "statuses" {
  description = "Status of each import when it was last read, by application name."
  value = {
    for id, import in permissionassist_application_import.each :
    local.applications[id] => var.wait ? permissionassist_application_import_completion.each[id].status : import.status
  }
}

output "missing" {
  description = "Names without an application, as configured."
  value       = data.permissionassist_applications.selected.missing
}
