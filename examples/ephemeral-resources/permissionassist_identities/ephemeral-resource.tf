ephemeral "permissionassist_identities" "owners" {
  email_addresses = ["ann.lee@firstfederal.example"]
}

check "owners_are_active" {
  assert {
    condition     = length(ephemeral.permissionassist_identities.owners.not_active) == 0
    error_message = "An owner has no active identity."
  }
}
