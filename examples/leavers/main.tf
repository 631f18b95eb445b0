# Blocks a change to an admin group while one of its members is about to leave, or has left.

variable "admins" {
  description = "Email addresses of the members of the admin group."
  type        = set(string)
  ephemeral   = true # keeps the value out of plan files, but not this default: remove it
  default     = ["ann.lee@firstfederal.example", "ella.brooks@firstfederal.example"]

  validation {
    condition     = length(var.admins) > 0
    error_message = "Without a member, nothing is checked."
  }
}

# All identities of these people: one person can have a standard and an admin account.
ephemeral "permissionassist_identities" "admins" {
  email_addresses = var.admins
}

ephemeral "permissionassist_personnel_events" "leaving" {
  types    = ["Offboard"]
  statuses = ["Pending", "Open", "Scheduled", "Snoozed", "Resolved"]
}

locals {
  leaving = [
    for identity in ephemeral.permissionassist_identities.admins.identities : identity.id
    if contains(ephemeral.permissionassist_personnel_events.leaving.identity_ids, identity.id)
  ]
  left = ephemeral.permissionassist_identities.admins.not_active
}

# Replace this with the admin group.
resource "terraform_data" "admin_group" {
  input = "2026.11"

  lifecycle {
    precondition {
      condition     = length(local.leaving) == 0
      error_message = "A member of the admin group is about to leave. Remove that member first."
    }

    precondition {
      condition     = alltrue([for e in ephemeral.permissionassist_personnel_events.leaving.events : try(e.affected_identity.id != null, false)])
      error_message = "Somebody is about to leave, and the server does not report who."
    }

    precondition {
      condition     = length(local.left) == 0
      error_message = "A member of the admin group has no active identity. Remove that member first."
    }
  }
}
