ephemeral "permissionassist_access_requests" "of_the_change" {
  id = "4d8f6e12-5a71-4c89-ae5f-3b2a1c0d9e03"
}

locals {
  request = ephemeral.permissionassist_access_requests.of_the_change.requests[0]
}

# Replace this with your deployment.
resource "terraform_data" "deployment" {
  lifecycle {
    precondition {
      condition = try(local.request.action == "Add" && local.request.status == "Completed" &&
      local.request.target.affected_identity.id == "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c05", false)
      error_message = "The access request of this change is not a completed Add for this person."
    }
  }
}
