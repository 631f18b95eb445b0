terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
    }
  }
}

data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

data "permissionassist_application_import" "last_success" {
  application_id = data.permissionassist_application.core.id
  statuses       = ["Finished"]
}

# "2026-02-20T13:15:00Z" if the server reports "2026-02-20T13:15:00" or "2026-02-20T08:15:00-05:00"
output "last_success" {
  value = provider::permissionassist::rfc3339(data.permissionassist_application_import.last_success.build_end, "UTC")
}
