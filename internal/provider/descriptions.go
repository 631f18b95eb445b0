package provider

// What more than one schema has is described here, once. The schemas
// themselves cannot be shared: a resource, a data source and a list resource
// each have their own types of attributes.

// An import.
const (
	importNumberDescription = "Number of the import, by which people know it in Permission Assist; null where the server does not say."
	importTypeDescription   = "How the import came to be: `API`, `Scheduled` or `Manual`; null where the server does not say."
	importStatusDescription = "How the import stood when it was last read: `Pending`, `Running`, `Canceling`; or ended: `Finished`, " +
		"`Failed`, `Canceled`. The product can report others, such as for an import that is paused until a person decides."
	importCreatedByDescription  = "Name of the token or person that staged the import; null where the server does not say."
	importBuildStartDescription = "When the import started, an ISO 8601 time as the server reports it, with or without a zone; null until then."
	importBuildEndDescription   = "When the import ended, an ISO 8601 time as the server reports it, with or without a zone; null until then."
	importMetricsDescription    = "What the import did, as normalised JSON of a shape that the vendor does not document; read it with " +
		"`jsondecode`. Null unless the import has finished."
)

// An application.
const (
	applicationIDDescription          = "GUID of the application, as the server spells it."
	applicationNameDescription        = "Name of the application; null where the server does not say."
	applicationPriorityDescription    = "`None`, `Low`, `Moderate`, `High` or `Critical`; null where the server does not say."
	applicationIsArchivedDescription  = "Whether the application is archived; null where the server does not say."
	applicationLastUpdatedDescription = "When the application was last updated, an ISO 8601 time as the server reports it, with or " +
		"without a zone; null where the server does not say."
)

// What is looked for, or imported.
const (
	applicationToImportDescription = "GUID of the application to import, in upper or lower case; the data source " +
		"`permissionassist_application` finds it by name."
	listedApplicationDescription = "GUID of the application whose imports are listed, in upper or lower case. Default: all applications."
	listedStatusesDescription    = "Statuses that an import may have, at least one, without regard to case: `Pending`, `Running`, " +
		"`Finished`, `Failed`, `Canceling`, `Canceled`, or any other that the product reports. Default: any status."
)
