# Keeps applications fresh: stages an import of each one whose last import has failed, or has ended and is older than
# max_age.

data "permissionassist_applications" "selected" {
  names = var.names
}

locals {
  # Keys are IDs: a new name is not a new application.
  applications = { for a in data.permissionassist_applications.selected.applications : a.id => a.name }
}

resource "permissionassist_application_import" "each" {
  for_each = local.applications

  application_id = each.key
  max_age        = var.max_age
}

resource "permissionassist_application_import_completion" "each" {
  for_each = { for id, import in permissionassist_application_import.each : id => import.id if var.wait }

  import_id = each.value

  # The server runs one import at a time, so the last one waits for all the others.
  timeouts {
    create = var.timeout
  }
}

# A check only warns, so one renamed application does not stop the run for all the others.
check "all_names_exist" {
  assert {
    condition     = length(data.permissionassist_applications.selected.missing) == 0
    error_message = "No such application: ${join(", ", data.permissionassist_applications.selected.missing)}."
  }
}
