# A pipeline that runs this every night imports the applications once a night, however often it is run: the trigger is
# the day. Only what has failed is tried again by each run. In the daytime, "terraform plan" shows how last night's imports
# went.

variable "applications" {
  description = "Names of the applications to keep fresh."
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

  # Nobody waits at night: the pipeline ends at once. A failed import is staged anew by the next run, that of the same night
  # too; without this line it is left alone until the next night.
  restage_on_failure = true

  # An import that Permission Assist has paused for a person to look at is that person's: the next night leaves it alone.
  cancel_on_destroy = false

  triggers = {
    # A night's day begins at 20:00 UTC.
    night = formatdate("YYYY-MM-DD", timeadd(plantimestamp(), "4h"))
  }
}

output "imports" {
  value = { for name, import in permissionassist_application_import.nightly : name => "#${import.number} ${import.status}" }
}
