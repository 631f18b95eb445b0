# Imports each application once a night, no matter how often the pipeline runs, and fails if an import fails.

variable "applications" {
  description = "Names of the applications to import."
  type        = set(string)
  default     = ["Jack Henry Silverlake", "Fiserv DNA"]
}

data "permissionassist_application" "nightly" {
  for_each = var.applications

  name = each.value
}

resource "permissionassist_application_import" "nightly" {
  for_each = data.permissionassist_application.nightly

  application_id = each.value.id

  # The next run replaces an import that has ended and is older than this.
  max_age = "20h"
}

resource "permissionassist_application_import_completion" "nightly" {
  for_each = permissionassist_application_import.nightly

  import_id = each.value.id

  # The server runs one import at a time, so the last one waits for all the others.
  timeouts {
    create = "4h"
  }
}

output "imports" {
  value = { for name, completion in permissionassist_application_import_completion.nightly : name => "#${completion.number}" }
}
