# Pending and running imports of all applications.
list "permissionassist_application_import" "unfinished" {
  provider = permissionassist

  config {
    statuses = ["Pending", "Running"]
  }
}

# The ten most recently started imports of one application, with all attributes.
list "permissionassist_application_import" "core" {
  provider         = permissionassist
  include_resource = true
  limit            = 10

  config {
    application_id = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e01"
  }
}
