package provider

// Descriptions that several schemas share. The schemas themselves cannot be
// shared: resources, data sources and list resources have different attribute
// types.

// An import.
const (
	importNumberDescription = "Number of the import, as people see it in Permission Assist. Null if the server does not report it."
	importTypeDescription   = "Type of the import as the server reports it: `API`, `Scheduled` or `Manual`. Some servers report staged imports " +
		"as `Scheduled`. Null if the server does not report it."
	importStatusDescription = "Status of the import when it was last read. Not ended: `Pending`, `Running` or `Canceling`. Ended: `Finished`, " +
		"`Failed` or `Canceled`. Permission Assist can report statuses that the vendor does not document, for example for an import that is " +
		"paused for a review."
	importCreatedByDescription  = "Name of the token or person that staged the import. Null if the server does not report it."
	importBuildStartDescription = "Time when the import started, in ISO 8601 format as the server reports it, with or without a time zone. Null until then."
	importBuildEndDescription   = "Time when the import ended, in ISO 8601 format as the server reports it, with or without a time zone. Null until then."
	importMetricsDescription    = "Result of the import as normalized JSON; read it with `jsondecode`. The vendor does not document its shape. " +
		"Null until the import has finished, and on servers without the endpoint for a single import."
)

// An application. The vendor documents only the fields of an import's application;
// those of the application itself are inferred to be the same.
const (
	applicationIDDescription          = "GUID of the application, in lower case."
	applicationNameDescription        = "Name of the application. Null if the server does not report it."
	applicationPriorityDescription    = "`None`, `Low`, `Moderate`, `High` or `Critical`. Null if the server does not report it."
	applicationIsArchivedDescription  = "Whether the application is archived. Null if the server does not report it."
	applicationLastUpdatedDescription = "Time when the application was last updated, in ISO 8601 format as the server reports it, with " +
		"or without a time zone. Null if the server does not report it."
)

// Arguments.
const (
	applicationToImportDescription = "GUID of the application to import, in any usual spelling, or the URL of its page in Permission Assist. " +
		"The data source `permissionassist_application` finds it by name."
	listedApplicationDescription = "GUID of the application whose imports are listed, in any usual spelling. Default: all applications."
	listedStatusesDescription    = "List only imports with one of these statuses, such as `Pending`, `Running`, `Canceling`, `Finished`, " +
		"`Failed` or `Canceled`. Case does not matter. Default: any status."
)
