import {
  to = permissionassist_application_import.core
  id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301/1001" # APPLICATION_ID/NUMBER, or the import's GUID
}
