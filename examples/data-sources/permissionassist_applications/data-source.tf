# The applications of one vendor that matter most.
data "permissionassist_applications" "fiserv" {
  priorities = ["High", "Critical"]
  name_regex = "^Fiserv "
}

resource "permissionassist_application_import" "fiserv" {
  for_each = { for a in data.permissionassist_applications.fiserv.applications : a.id => a.name }

  application_id = each.key
}
