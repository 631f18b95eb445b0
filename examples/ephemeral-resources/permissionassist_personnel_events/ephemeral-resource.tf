ephemeral "permissionassist_personnel_events" "leaving" {
  types    = ["Offboard"]
  statuses = ["Pending", "Open", "Scheduled", "Snoozed", "Resolved"]
}

locals {
  owner_is_leaving = contains(ephemeral.permissionassist_personnel_events.leaving.identity_ids, "7b1d4c90-2e5f-4a67-8c3d-1f0e9a8b7c01")
}

check "owner_stays" {
  assert {
    condition     = !local.owner_is_leaving
    error_message = "The owner is about to leave."
  }
}
