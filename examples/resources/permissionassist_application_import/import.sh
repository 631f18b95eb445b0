# The ID is the import's GUID in Permission Assist.
terraform import permissionassist_application_import.core 0f8fad5b-d9cb-469f-a165-70867728950e
