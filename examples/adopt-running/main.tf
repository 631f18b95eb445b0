# Adopts every pending or running import, for example after a pipeline lost its state, and waits for it. Nothing is staged.
# An import that has ended drops off the list, and the next apply removes it from the state.

data "permissionassist_application_imports" "unfinished" {
  statuses = ["Pending", "Running"]
}

locals {
  # The keys are the imports' IDs: with the applications' IDs, a newer import would look like the one in the state.
  unfinished = {
    for i in data.permissionassist_application_imports.unfinished.imports : i.id => i.application.id if i.application != null
  }
}

import {
  for_each = local.unfinished

  to = permissionassist_application_import.adopted[each.key]
  id = each.key
}

resource "permissionassist_application_import" "adopted" {
  for_each = local.unfinished

  application_id = each.value

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
  value = {
    for id, completion in permissionassist_application_import_completion.adopted :
    id => "#${completion.number} of ${permissionassist_application_import.adopted[id].application_name}"
  }
}
