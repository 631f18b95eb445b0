# Imports every critical and high-priority application with each release, and waits for all of them.
#
# The server runs one import at a time, so the last import waits for all the others: the timeout covers the whole queue.
# With on_timeout = "warn", the next apply waits for the imports that are still running.

variable "release" {
  description = "Version of the release. A new value stages new imports."
  type        = string
  default     = "2026.11"
}

data "permissionassist_applications" "important" {
  name_regex = "^(Jack Henry|Fiserv)"
  priorities = ["Critical", "High"]
}

locals {
  important = { for app in data.permissionassist_applications.important.applications : app.id => app.name }
}

resource "permissionassist_application_import" "important" {
  for_each = local.important

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
  description = "Number and status of each import, by application name."
  value = {
    for id, import in permissionassist_application_import.important :
    local.important[id] => "#${import.number} ${import.status}"
  }
}
