# Takes over the newest import of each application that waits or runs already, such as one that a lost pipeline staged, and
# waits for it.
# Nothing is staged. An import that has ended leaves the list, and at the next apply the state.

data "permissionassist_application_imports" "unfinished" {
  statuses = ["Pending", "Running"]
}

locals {
  # The newest of each application: the list is ordered by number, the highest first.
  unfinished = {
    for application_id, imports in {
      for i in data.permissionassist_application_imports.unfinished.imports : i.application.id => i...
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

  # Having left the list is no reason to cancel: an import that is paused until a person decides leaves it, too.
  cancel_on_destroy = false

  # A failed one is not staged anew from here.
  restage_on_failure = false
}

output "adopted" {
  value = { for id, import in permissionassist_application_import.adopted : id => "#${import.number} ${import.status}" }
}
