terraform {
  required_version = ">= 1.8"

  required_providers {
    permissionassist = {
      source  = "permissionassist/permissionassist"
      version = "~> 0.1"
    }
  }
}

# PERMISSIONASSIST_ENDPOINT and PERMISSIONASSIST_TOKEN name the server and the token.
provider "permissionassist" {}
