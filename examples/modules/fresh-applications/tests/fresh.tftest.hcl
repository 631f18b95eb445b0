# Run this against a test server or the provider's sandbox (make sandbox): Terraform cannot mock a list of applications.

run "waits_for_known_names_and_warns_about_others" {
  variables {
    names = ["Jack Henry Silverlake", "Renamed"]
  }

  assert {
    condition     = output.statuses == { "Jack Henry Silverlake" = "Finished" }
    error_message = "Unexpected statuses: ${jsonencode(output.statuses)}"
  }

  assert {
    condition     = output.missing == toset(["Renamed"])
    error_message = "Unexpected missing names: ${jsonencode(output.missing)}"
  }

  expect_failures = [check.all_names_exist]
}

run "does_not_wait" {
  variables {
    names = ["Fiserv DNA"]
    wait  = false
  }

  assert {
    condition     = contains(["Pending", "Running"], output.statuses["Fiserv DNA"])
    error_message = "The run waited."
  }
}
