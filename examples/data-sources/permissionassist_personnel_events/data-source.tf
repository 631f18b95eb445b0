# How many people are about to leave. The state then has their names: prefer the ephemeral resource.
data "permissionassist_personnel_events" "leaving" {
  types    = ["Offboard"]
  statuses = ["Pending", "Open", "Scheduled"]
}

output "people_who_leave" {
  value = length(data.permissionassist_personnel_events.leaving.identity_ids)
}
