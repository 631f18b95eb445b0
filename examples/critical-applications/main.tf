# Imports every critical and high-priority application with each release, and waits for all of them.

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

  application_id = each.key

  triggers = {
    release = var.release
  }

  # A new release cancels an unfinished import, but only after the new one is staged.
  lifecycle {
    create_before_destroy = true
  }
}

resource "permissionassist_application_import_completion" "important" {
  for_each = permissionassist_application_import.important

  import_id = each.value.id

  # The server runs one import at a time, so the last one waits for all the others.
  timeouts {
    create = "2h"
  }
}

output "imports" {
  description = "Number of each finished import, by application name."
  value = {
    for id, completion in permissionassist_application_import_completion.important :
    local.important[id] => "#${completion.number}"
  }
}
