# Warns if the last successful import of an application ended more than a day ago, and stops a deployment that needs
# fresh data.

variable "applications" {
  description = "Names of the applications to check."
  type        = set(string)
  default     = ["Jack Henry Silverlake", "Fiserv DNA"]
}

data "permissionassist_application" "each" {
  for_each = var.applications

  name = each.value
}

data "permissionassist_application_import" "last_success" {
  for_each = data.permissionassist_application.each

  application_id = each.value.id
  statuses       = ["Finished"]
  max_age        = "24h"
  time_zone      = "UTC" # used only if the server reports times without a zone
}

locals {
  is_fresh = { for name, import in data.permissionassist_application_import.last_success : name => import.is_fresh }
}

# A check only warns. It never blocks.
check "imports_are_fresh" {
  assert {
    condition     = alltrue(values(local.is_fresh))
    error_message = "No successful import within a day: ${join(", ", [for name, fresh in local.is_fresh : name if !fresh])}."
  }
}

# Replace this with your deployment.
resource "terraform_data" "deployment" {
  lifecycle {
    # A precondition stops the resource and everything that depends on it. For all applications, the condition is
    # alltrue(values(local.is_fresh)).
    precondition {
      condition     = local.is_fresh["Jack Henry Silverlake"]
      error_message = "The access data of Jack Henry Silverlake is more than a day old. Nothing is deployed."
    }
  }
}

output "last_successful_imports" {
  value = { for name, import in data.permissionassist_application_import.last_success : name => import.build_end }
}
