mock_provider "permissionassist" {
  source = "./tests/permissionassist"

  override_resource {
    target = permissionassist_application_import.core
    values = {
      status = "Failed"
    }
  }
}

variables {
  release = "2026.11"
}

run "stops_if_the_import_fails" {
  expect_failures = [permissionassist_application_import.core]
}
