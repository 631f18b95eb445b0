# Uploads exactly the file that was planned.

data "permissionassist_application" "aml" {
  name = "Verafin"
}

resource "permissionassist_application_import" "aml" {
  application_id = data.permissionassist_application.aml.id

  files    = { "8d2e6a90-71c4-4f3b-8a5d-3c9b7e5f1a01" = "users.csv" }
  triggers = { users = filesha256("users.csv") }

  # The old import is canceled only after the new one was staged.
  lifecycle {
    create_before_destroy = true
  }
}
