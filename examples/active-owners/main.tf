# Warns if an owner of an application no longer works here, and stops the deployment of an application without an active owner.

variable "owners" {
  description = "Email address of the owner of each application."
  type        = map(string)
  ephemeral   = true # keeps the value out of plan files, but not this default: remove it
  default = {
    "Jack Henry Silverlake" = "ann.lee@firstfederal.example"
    "Fiserv DNA"            = "bob.ortiz@firstfederal.example"
  }
}

ephemeral "permissionassist_identities" "owners" {
  email_addresses = toset(values(var.owners))
}

# A check only warns. It never blocks.
check "owners_are_active" {
  assert {
    condition     = length(ephemeral.permissionassist_identities.owners.not_active) == 0
    error_message = "An owner of an application has no active identity."
  }
}

# Replace this with your deployment.
resource "terraform_data" "deployment" {
  input = "2026.11"

  lifecycle {
    # A precondition stops the resource and everything that depends on it.
    precondition {
      condition     = !contains(ephemeral.permissionassist_identities.owners.not_active, var.owners["Jack Henry Silverlake"])
      error_message = "The owner of Jack Henry Silverlake has no active identity. Nothing is deployed."
    }
  }
}
