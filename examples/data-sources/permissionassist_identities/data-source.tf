# How many vendors are active. The state then has everything about each of them: prefer the ephemeral resource.
data "permissionassist_identities" "vendors" {
  types    = ["Vendor"]
  statuses = ["Active"]
}

output "active_vendors" {
  value = length(data.permissionassist_identities.vendors.identities)
}
