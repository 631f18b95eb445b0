# How many people are about to leave. The state then contains their names: prefer the ephemeral resource.
data "permissionassist_personnel_events" "leaving" {
  types    = ["Offboard"]
  statuses = ["Pending", "Open", "Scheduled", "Snoozed", "Resolved"]
}

output "departing_people" {
  value = length(data.permissionassist_personnel_events.leaving.identity_ids)
}
