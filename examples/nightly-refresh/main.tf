# Imports each application once a night, no matter how often the pipeline runs. The next morning, terraform plan shows how
# the imports went.

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

  # An import that is older than this is replaced by the next run.
  max_age = "20h"

  # A failed import is replaced by the next run. Without this line, it is left alone until it is 20 hours old.
  restage_on_failure = true
}

output "imports" {
  value = { for name, import in permissionassist_application_import.nightly : name => "#${import.number} ${import.status}" }
}
