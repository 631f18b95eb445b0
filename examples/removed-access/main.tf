# Imports an application whenever access to it was granted or removed, so that the next review sees it. Needs Terraform
# 1.16 or later, for actions on destroy.

variable "tellers" {
  description = "Accounts with access to the application."
  type        = set(string)
  default     = ["alice", "bob"]
}

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

# Replace this with the resource that grants access.
resource "terraform_data" "access" {
  for_each = var.tellers

  input = each.key

  lifecycle {
    action_trigger {
      events  = [after_create, after_destroy]
      actions = [action.permissionassist_stage_application_import.core]

      # Access that was removed stays removed if the import cannot be staged.
      on_failure = continue
    }
  }
}

action "permissionassist_stage_application_import" "core" {
  config {
    application_id = data.permissionassist_application.core.id

    # Many changes in one apply make one or two imports.
    join_pending = true
  }
}
