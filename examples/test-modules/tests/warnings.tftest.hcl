mock_provider "permissionassist" {
  source = "./tests/permissionassist"

  override_resource {
    target = permissionassist_application_import_completion.core
    values = {
      metrics = "{\"warnings\": 3}"
    }
  }
}

variables {
  release = "2026.11"
}

run "stops_if_the_import_has_warnings" {
  expect_failures = [permissionassist_application_import_completion.core]
}
