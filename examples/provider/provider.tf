terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
    }
  }
}

# The token comes from the environment variable PERMISSIONASSIST_TOKEN.
provider "permissionassist" {
  endpoint = "https://permissionassist.example.com"
}
