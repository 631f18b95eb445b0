# Adopts the newest pending or running import of each application, for example after a pipeline lost its state, and waits
# for it. Nothing is staged. An import that has ended drops off the list, and the next apply removes it from the state.

data "permissionassist_application_imports" "unfinished" {
  statuses = ["Pending", "Running"]
}

locals {
  # The newest import of each application: the list is ordered by number, highest first.
  unfinished = {
    for application_id, imports in {
      for i in data.permissionassist_application_imports.unfinished.imports : i.application.id => i... if i.application != null
    } : application_id => imports[0]
  }
}

import {
  for_each = local.unfinished

  to = permissionassist_application_import.adopted[each.key]
  id = each.value.id
}

resource "permissionassist_application_import" "adopted" {
  for_each = local.unfinished

  application_id = each.key

  # A paused import drops off the list, too. Do not cancel it.
  cancel_on_destroy = false

  # Do not replace a failed import.
  restage_on_failure = false
}

resource "permissionassist_application_import_completion" "adopted" {
  for_each = permissionassist_application_import.adopted

  import_id = each.value.id
}

output "finished" {
  value = { for id, completion in permissionassist_application_import_completion.adopted : id => "#${completion.number}" }
}
