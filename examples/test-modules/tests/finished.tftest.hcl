mock_provider "permissionassist" {
  source = "./tests/permissionassist"
}

variables {
  release = "2026.11"
}

run "passes_the_release_on" {
  command = plan

  assert {
    condition     = permissionassist_application_import.core.triggers["release"] == "2026.11"
    error_message = "The release is not a trigger, so a new release would not stage an import."
  }
}

run "shows_the_import" {
  assert {
    condition     = output.core_import == "import #1001 has finished"
    error_message = "Unexpected output: ${output.core_import}"
  }
}
