terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
    }
  }
}

variable "application" {
  description = "URL of the application's page in Permission Assist, copied from the browser, or the application's ID."
  type        = string
  default     = "https://permissionassist.example.com/applications/3F2504E0-4F89-41D3-9A0C-0305E82C3301/imports"
}

# The function returns "3f2504e0-4f89-41d3-9a0c-0305e82c3301".
data "permissionassist_application" "core" {
  id = provider::permissionassist::parse_application_id(var.application)
}
