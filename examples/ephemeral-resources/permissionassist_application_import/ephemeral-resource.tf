data "permissionassist_application" "core" {
  name = "Jack Henry Silverlake"
}

ephemeral "permissionassist_application_import" "last_success" {
  application_id = data.permissionassist_application.core.id
  statuses       = ["Finished"]
  max_age        = "24h"
  time_zone      = "America/New_York" # for a server that reports times without one
}

check "data_is_fresh" {
  assert {
    condition     = ephemeral.permissionassist_application_import.last_success.is_fresh
    error_message = "No successful import within a day."
  }
}
