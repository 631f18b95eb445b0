package sandbox

import (
	"encoding/json"
	"slices"
	"time"
)

// The statuses the documentation gives for an import. Finished, Failed and
// Canceled are terminal. The product has more, for example for an import that
// it paused because its changes fall outside the application's trend; a status
// that is not in this list is left alone by the build job and can be canceled.
const (
	StatusPending   = "Pending"
	StatusRunning   = "Running"
	StatusFinished  = "Finished"
	StatusFailed    = "Failed"
	StatusCanceling = "Canceling"
	StatusCanceled  = "Canceled"
)

// The types the documentation gives for an import.
const (
	TypeScheduled = "Scheduled"
	TypeManual    = "Manual"
	TypeAPI       = "API"
)

// Problem is what keeps an application from being imported.
type Problem string

// The problems an application can have when an import of it is staged. The
// first three are documented and answered with 422 unprocessable_entity; the
// last is answered with 500 creation_failed.
const (
	NoProblem      Problem = ""
	NoSchedule     Problem = "NoSchedule"
	NoConnector    Problem = "NoConnector"
	NoFilePaths    Problem = "NoFilePaths"
	CreationFailed Problem = "CreationFailed"
)

// Application is an application whose access data Permission Assist imports.
type Application struct {
	// ID is a GUID; the server keeps it in lower case.
	ID string
	// Name is what people call it; names need not be unique.
	Name string
	// Priority is None, Low, Moderate, High or Critical; the server does not
	// check it.
	Priority string
	// IsArchived makes stage and upload answer 400 validation_error.
	IsArchived bool
	// LastUpdated is when the application was last changed.
	LastUpdated time.Time
	// Problem, if there is one, makes stage fail. NoConnector makes upload
	// fail, too; a schedule or file paths are not needed for an upload.
	Problem Problem
	// FileGroups make it an application with a file-based connector, for which
	// files can be uploaded.
	FileGroups []FileGroup
	// FailBuilds has its imports end as Failed.
	FailBuilds bool
	// FailLog is the log they end with; "" is a plausible one of several lines.
	FailLog string
	// BuildTime, if not nil, is used instead of the server's.
	BuildTime *time.Duration
}

func (a Application) clone() Application {
	a.FileGroups = slices.Clone(a.FileGroups)
	a.BuildTime = clonePointer(a.BuildTime)
	return a
}

// FileGroup is one of the files a file-based connector takes.
type FileGroup struct {
	// ID is a GUID; an upload's parts are named by it.
	ID string
	// Name is what people call it.
	Name string
	// Required makes an upload without it fail.
	Required bool
}

// Import is one import of an application's access data.
type Import struct {
	// ID is a GUID in lower case.
	ID string
	// Number is what people see in the product: sequential over the server.
	Number int64
	// Type is Scheduled, Manual or API.
	Type string
	// Status is one of the Status constants or any other text.
	Status string
	// CreatedBy is a person or, for API-staged imports, the token's name.
	CreatedBy string
	// BuildStart and BuildEnd are nil until then.
	BuildStart, BuildEnd *time.Time
	// Log is the build log; "" is answered as null.
	Log string
	// Files are what was uploaded for it.
	Files []File
	// Metrics is a JSON object of undocumented shape, nil unless Finished.
	Metrics json.RawMessage
	// ApplicationID is the GUID of the application it is of. An import whose
	// application is gone is answered with application null.
	ApplicationID string
}

func (i Import) clone() Import {
	i.BuildStart = clonePointer(i.BuildStart)
	i.BuildEnd = clonePointer(i.BuildEnd)
	i.Files = slices.Clone(i.Files)
	i.Metrics = slices.Clone(i.Metrics)
	return i
}

// ended reports whether the import's status never changes any more.
func (i Import) ended() bool {
	return i.Status == StatusFinished || i.Status == StatusFailed || i.Status == StatusCanceled
}

// File is an uploaded file. Its content is not kept.
type File struct {
	// ID is a GUID of the server's making.
	ID string
	// FileGroupID and FileGroup are the file group's ID and name.
	FileGroupID, FileGroup string
	// Name is the file's name as the client gave it.
	Name string
	// Size is in bytes. The API does not answer it.
	Size int64
	// SHA256 is the content's checksum in lower-case hexadecimal digits. The
	// API does not answer it.
	SHA256 string
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
