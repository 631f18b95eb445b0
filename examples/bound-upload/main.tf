# Uploads exactly the file that was planned.
resource "permissionassist_application_import" "aml" {
  application_id = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e03"

  files    = { "8d2e6a90-71c4-4f3b-8a5d-3c9b7e5f1a01" = "users.csv" }
  triggers = { users = filesha256("users.csv") }

  # The old import is canceled only after the new one was staged.
  lifecycle {
    create_before_destroy = true
  }
}
