# An empty mock_provider makes up random text, which is not a GUID. OpenTofu does not accept a default for an argument
# that your module sets, such as the application_id of permissionassist_application_import: remove it from the block.
mock_provider "permissionassist" {
  mock_data "permissionassist_application" {
    defaults = {
      id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    }
  }

  mock_data "permissionassist_applications" {
    defaults = {
      ids = ["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]
    }
  }

  mock_data "permissionassist_application_import" {
    defaults = {
      id             = "0f8fad5b-d9cb-469f-a165-70867728950e"
      application_id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
      number         = 1001
      status         = "Finished"
      build_end      = "2026-02-20T08:16:00Z"
      metrics        = "{}"
    }
  }

  mock_resource "permissionassist_application_import" {
    defaults = {
      id               = "0f8fad5b-d9cb-469f-a165-70867728950e"
      number           = 1001
      type             = "API"
      status           = "Pending"
      created_by       = "terraform"
      staged_at        = "2026-02-20T08:14:00Z"
      application_name = "Mocked application"
      build_start      = null
      build_end        = null
      metrics          = null
    }
  }

  mock_resource "permissionassist_application_import_completion" {
    defaults = {
      number         = 1001
      status         = "Finished"
      build_start    = "2026-02-20T08:15:00Z"
      build_end      = "2026-02-20T08:16:00Z"
      metrics        = "{}"
      application_id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    }
  }
}

variables {
  release = "2026.11"
}

run "passes_the_release_on" {
  command = plan

  assert {
    condition     = permissionassist_application_import.core.triggers["release"] == "2026.11"
    error_message = "The release is not a trigger, so a new release would not stage an import."
  }
}

run "shows_the_import" {
  assert {
    condition     = output.core_import == "import #1001 has finished"
    error_message = "Unexpected output: ${output.core_import}"
  }
}
