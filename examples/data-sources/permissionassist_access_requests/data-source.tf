# The open requests for an application. The state then has the affected people: prefer the ephemeral resource.
data "permissionassist_access_requests" "open" {
  application_id = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e02"
  statuses       = ["Pending", "Open"]
}

output "open_requests" {
  value = data.permissionassist_access_requests.open.requests[*].number
}
