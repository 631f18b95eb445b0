# Adopts the newest pending or running import of each application, for example after a pipeline lost its state, and waits
# for it. Nothing is staged. An import that has ended drops out of the list, and out of the state at the next apply.

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

  application_id      = each.key
  wait_for_completion = true

  # A paused import drops out of the list as well. Do not cancel it.
  cancel_on_destroy = false

  # Only adopt: a failed import is not replaced.
  restage_on_failure = false
}

output "adopted" {
  value = { for id, import in permissionassist_application_import.adopted : id => "#${import.number} ${import.status}" }
}
