terraform {
  required_version = ">= 1.8"

  required_providers {
    permissionassist = {
      source  = "permissionassist/permissionassist"
      version = "~> 0.1"
    }
  }
}
