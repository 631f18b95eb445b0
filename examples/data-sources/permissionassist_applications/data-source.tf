# The most important applications of one vendor.
data "permissionassist_applications" "fiserv" {
  priorities = ["High", "Critical"]
  name_regex = "^Fiserv "
}

locals {
  fiserv = { for a in data.permissionassist_applications.fiserv.applications : a.id => a.name }
}

resource "permissionassist_application_import" "fiserv" {
  for_each = local.fiserv

  application_id = each.key
}
