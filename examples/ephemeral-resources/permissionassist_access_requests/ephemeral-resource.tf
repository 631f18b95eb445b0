ephemeral "permissionassist_access_requests" "of_the_change" {
  id = "4d8f6e12-5a71-4c89-ae5f-3b2a1c0d9e03"
}

check "access_request_is_completed" {
  assert {
    condition     = ephemeral.permissionassist_access_requests.of_the_change.requests[0].status == "Completed"
    error_message = "The access request of this change is not completed."
  }
}
