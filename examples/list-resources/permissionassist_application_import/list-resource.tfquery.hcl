# What has not ended, of all applications: terraform query
list "permissionassist_application_import" "running" {
  provider = permissionassist

  config {
    statuses = ["Pending", "Running"]
  }
}

# The imports of one application that started last, with all that is known of them. Take them over with:
# terraform query -generate-config-out=imports.tf
list "permissionassist_application_import" "core" {
  provider         = permissionassist
  include_resource = true
  limit            = 10

  config {
    application_id = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e01"
  }
}
