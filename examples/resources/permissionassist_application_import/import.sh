# The ID is the import's GUID in any common spelling, or a URL that contains this GUID and no other.
terraform import permissionassist_application_import.core 0f8fad5b-d9cb-469f-a165-70867728950e
