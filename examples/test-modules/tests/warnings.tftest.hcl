mock_provider "permissionassist" {
  mock_data "permissionassist_application" {
    defaults = {
      id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    }
  }

  mock_resource "permissionassist_application_import" {
    defaults = {
      id     = "0f8fad5b-d9cb-469f-a165-70867728950e"
      number = 1001
    }
  }

  mock_resource "permissionassist_application_import_completion" {
    defaults = {
      number         = 1001
      application_id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
      metrics        = "{\"warnings\": 3}"
    }
  }
}

variables {
  release = "2026.11"
}

run "stops_if_the_import_has_warnings" {
  expect_failures = [permissionassist_application_import_completion.core]
}
