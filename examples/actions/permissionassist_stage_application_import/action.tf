data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

# By hand: terraform apply -invoke action.permissionassist_stage_application_import.core
action "permissionassist_stage_application_import" "core" {
  config {
    application_id      = data.permissionassist_application.core.id
    wait_for_completion = true
    timeout             = "2h"

    # Ten changes in one apply make one or two imports instead of ten.
    join_pending = true
  }
}

# Automatically, whenever the release changes.
resource "terraform_data" "release" {
  input = "2026.11"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.permissionassist_stage_application_import.core]
    }
  }
}
