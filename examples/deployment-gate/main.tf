# Deploys only after the import has finished.

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

resource "permissionassist_application_import" "core" {
  application_id      = data.permissionassist_application.core.id
  wait_for_completion = true

  triggers = {
    release = "2026.11"
  }

  lifecycle {
    # Also stops the deployment if on_timeout = "warn" ended the wait early.
    postcondition {
      condition     = self.status == "Finished"
      error_message = "The status of import #${self.number} is ${self.status}. Nothing is deployed."
    }
  }
}

# Replace this with your deployment.
resource "terraform_data" "deployment" {
  input = "deployed after import #${permissionassist_application_import.core.number}"

  lifecycle {
    # .id changes only with a new import. Without .id, every change of the import's status deploys again.
    replace_triggered_by = [permissionassist_application_import.core.id]
  }
}

# A check warns and stops nothing. Metrics can be null, and their shape is not documented.
check "import_without_warnings" {
  assert {
    condition     = try(jsondecode(permissionassist_application_import.core.metrics).warnings == 0, true)
    error_message = "The import reports warnings: ${coalesce(permissionassist_application_import.core.metrics, "no metrics")}"
  }
}

output "deployment" {
  value = terraform_data.deployment.output
}
