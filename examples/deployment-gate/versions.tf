terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
    }
  }
}

# Server and token come from PERMISSIONASSIST_ENDPOINT and PERMISSIONASSIST_TOKEN.
provider "permissionassist" {}
