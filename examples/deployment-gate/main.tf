# Deploys only what Permission Assist has seen: what depends on the gate is not started unless the import has finished,
# and has imported something.

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
    # Without it, on_timeout = "warn" or an import that somebody cancels later would let the deployment through.
    postcondition {
      condition     = self.status == "Finished"
      error_message = "Import #${self.number} is ${self.status}, so nothing is deployed."
    }

    # The metrics' shape is not documented: look at a real one before you rely on a name in it.
    postcondition {
      condition     = try(length(jsondecode(self.metrics)), 0) > 0
      error_message = "Import #${self.number} reported no metrics, so nothing is deployed."
    }
  }
}

# Stands for the deployment.
resource "terraform_data" "deployment" {
  input = "deployed after import #${permissionassist_application_import.core.number}"
}

# What is worth a look but stops nothing. (Metrics are of undocumented shape, hence the try.)
check "import_without_warnings" {
  assert {
    condition     = try(jsondecode(permissionassist_application_import.core.metrics).warnings, 0) == 0
    error_message = "Import #${permissionassist_application_import.core.number} had warnings: ${permissionassist_application_import.core.metrics}"
  }
}

output "deployment" {
  value = terraform_data.deployment.output
}
