terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
    }
  }
}

# PERMISSIONASSIST_ENDPOINT and PERMISSIONASSIST_TOKEN name the server and the token.
provider "permissionassist" {}
