# Imports each application once a night, no matter how often the pipeline runs, and fails if an import fails.

variable "applications" {
  description = "Names of the applications to import."
  type        = set(string)
  default     = ["Jack Henry Silverlake", "Fiserv DNA"]
}

data "permissionassist_applications" "nightly" {
  names = var.applications
}

# A name that matches no application, for example after a rename, does not stop the imports of the others.
check "applications_exist" {
  assert {
    condition     = length(data.permissionassist_applications.nightly.missing) == 0
    error_message = "Not imported, because no application has this name: ${join(", ", data.permissionassist_applications.nightly.missing)}."
  }
}

locals {
  # By ID: a name can change, and is not unique.
  applications = { for a in data.permissionassist_applications.nightly.applications : a.id => a.name }
}

resource "permissionassist_application_import" "nightly" {
  for_each = local.applications

  application_id = each.key

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
  value = { for id, completion in permissionassist_application_import_completion.nightly : id => "#${completion.number} of ${local.applications[id]}" }
}
