# Deploys only if the newest access request of a person for an application is an Add that is Completed.

variable "email_address" {
  description = "The person who gets access."
  type        = string
  ephemeral   = true # keeps the value out of plan files, but not this default: remove it
  default     = "dev.patel@vendor.example"
}

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

ephemeral "permissionassist_identities" "person" {
  email_addresses = [var.email_address]
  statuses        = ["Active"]
}

ephemeral "permissionassist_access_requests" "person" {
  # Without exactly one active identity, nobody has this ID, and the gate stays closed.
  identity_id    = try(one(ephemeral.permissionassist_identities.person.identities).id, "00000000-0000-0000-0000-000000000000")
  application_id = data.permissionassist_application.core.id
}

locals {
  # The newest request decides: a later Remove undoes an Add, and a Resolved request can be reopened.
  newest     = try(ephemeral.permissionassist_access_requests.person.requests[0], null)
  has_access = try(local.newest.action == "Add" && local.newest.status == "Completed", false)
}

# Replace this with your deployment.
resource "terraform_data" "deployment" {
  input = "2026.11"

  lifecycle {
    precondition {
      condition     = local.has_access
      error_message = "The newest access request is not a completed Add. Nothing is deployed."
    }
  }
}
