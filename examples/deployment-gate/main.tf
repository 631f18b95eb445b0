# Deploys only after the import has finished.

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

resource "permissionassist_application_import" "core" {
  application_id = data.permissionassist_application.core.id

  triggers = {
    release = "2026.11"
  }
}

# If the import does not finish, nothing that depends on this resource is changed.
resource "permissionassist_application_import_completion" "core" {
  import_id = permissionassist_application_import.core.id
}

# Replace this with your deployment. A value of the completion changes with each import, so it deploys again.
resource "terraform_data" "deployment" {
  input = "deployed after import #${permissionassist_application_import_completion.core.number}"
}

# A check only warns. It never blocks. Metrics can be null, and their shape is not documented.
check "import_without_warnings" {
  assert {
    condition     = try(jsondecode(permissionassist_application_import_completion.core.metrics).warnings == 0, true)
    error_message = "The import reports warnings: ${coalesce(permissionassist_application_import_completion.core.metrics, "no metrics")}"
  }
}

output "deployment" {
  value = terraform_data.deployment.output
}
