# Imports every critical and high-priority application with each release, and waits for all of them.
#
# Imports run one after the other on the server, so the last one waits for all before it: the time-out covers the whole
# queue, and on_timeout = "warn" leaves the rest to the next apply instead of failing this one.

variable "release" {
  description = "Changes with each release; a new value stages new imports."
  type        = string
  default     = "2026.11"
}

data "permissionassist_applications" "important" {
  name_regex = "^(Jack Henry|Fiserv)"
  priorities = ["Critical", "High"]
}

resource "permissionassist_application_import" "important" {
  for_each = { for app in data.permissionassist_applications.important.applications : app.id => app }

  application_id      = each.key
  wait_for_completion = true
  on_timeout          = "warn"

  triggers = {
    release = var.release
  }

  timeouts {
    create = "2h"
    update = "2h"
  }
}

output "imports" {
  description = "How each import went, by the application's name."
  value = {
    for id, import in permissionassist_application_import.important :
    data.permissionassist_applications.important.applications[index(data.permissionassist_applications.important.ids, id)].name => "#${import.number} ${import.status}"
  }
}
