# Mock values for the provider permissionassist. An empty mock_provider makes up random text, which is not a GUID.
#
# Terraform leaves mocked lists empty: the applications of permissionassist_applications, the imports of
# permissionassist_application_imports, and the files of an import.

mock_data "permissionassist_application" {
  defaults = {
    id           = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    name         = "Mocked application"
    priority     = "High"
    is_archived  = false
    last_updated = "2026-02-20T08:15:00Z"
  }
}

mock_data "permissionassist_application_import" {
  defaults = {
    id             = "0f8fad5b-d9cb-469f-a165-70867728950e"
    application_id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    number         = 1001
    type           = "API"
    status         = "Finished"
    created_by     = "terraform"
    build_start    = "2026-02-20T08:15:00Z"
    build_end      = "2026-02-20T08:16:00Z"
    metrics        = "{}"
    log            = ""

    application = {
      id           = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
      name         = "Mocked application"
      priority     = "High"
      is_archived  = false
      last_updated = "2026-02-20T08:15:00Z"
    }
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
