# APPLICATION_ID/NUMBER: import #1001 of the application
terraform import permissionassist_application_import.core 3f2504e0-4f89-41d3-9a0c-0305e82c3301/1001

# The import's GUID in any common spelling, or a URL that contains this GUID and no other
terraform import permissionassist_application_import.core 0f8fad5b-d9cb-469f-a165-70867728950e
