# Imports each application once a night, no matter how often the pipeline runs that night. The next morning,
# terraform plan shows how the imports went.

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

  # A failed import is staged again by the next run. Without this line, it is left alone until the next night.
  restage_on_failure = true

  # Do not cancel an import that Permission Assist has paused until a person reviews it.
  cancel_on_destroy = false

  triggers = {
    # The night starts at 20:00 UTC.
    night = formatdate("YYYY-MM-DD", timeadd(plantimestamp(), "4h"))
  }
}

output "imports" {
  value = { for name, import in permissionassist_application_import.nightly : name => "#${import.number} ${import.status}" }
}
