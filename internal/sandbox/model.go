package sandbox

import (
	"encoding/json"
	"time"
)

// The documented statuses of an import. Finished, Failed and Canceled are
// terminal. The product has more, for example for an import that it paused
// because its changes fall outside the application's trend. The build job
// ignores an import with another status; it can be canceled.
const (
	StatusPending   = "Pending"
	StatusRunning   = "Running"
	StatusFinished  = "Finished"
	StatusFailed    = "Failed"
	StatusCanceling = "Canceling"
	StatusCanceled  = "Canceled"
)

// The documented types of an import.
const (
	TypeScheduled = "Scheduled"
	TypeManual    = "Manual"
	TypeAPI       = "API"
)

// Problem is a reason why an application cannot be imported.
type Problem string

// The problems that make stage fail: the first three with the documented 422
// unprocessable_entity, CreationFailed with 500 creation_failed.
const (
	NoProblem      Problem = ""
	NoSchedule     Problem = "NoSchedule"
	NoConnector    Problem = "NoConnector"
	NoFilePaths    Problem = "NoFilePaths"
	CreationFailed Problem = "CreationFailed"
)

// Application is an application whose access data Permission Assist imports.
// The tags are for ReadSeed; the API has its own types.
type Application struct {
	// ID is a GUID; the server keeps it in lower case.
	ID string `json:"id"`
	// Name need not be unique.
	Name string `json:"name"`
	// Priority is None, Low, Moderate, High or Critical; the server does not
	// check it.
	Priority string `json:"priority"`
	// IsArchived makes stage and upload fail with 400 validation_error.
	IsArchived  bool      `json:"isArchived"`
	LastUpdated time.Time `json:"-"`
	// Problem, if any, makes stage fail. NoConnector and CreationFailed make
	// upload fail, too; an upload needs no schedule and no file paths.
	Problem Problem `json:"problem"`
	// FileGroups, if any, make it an application with a file-based connector:
	// files can be uploaded for it.
	FileGroups []FileGroup `json:"fileGroups"`
	// FailBuilds makes its imports end as Failed.
	FailBuilds bool `json:"failBuilds"`
	// FailLog is the log of a failed import; "" is a plausible log of several
	// lines.
	FailLog string `json:"failLog"`
	// BuildTime, if not nil, is used instead of the server's.
	BuildTime *time.Duration `json:"-"`
}

// FileGroup is one of the files a file-based connector takes.
type FileGroup struct {
	// ID is a GUID. An upload names its parts by this ID.
	ID   string `json:"id"`
	Name string `json:"name"`
	// Required makes an upload without it fail.
	Required bool `json:"required"`
}

// Import is one import of an application's access data.
type Import struct {
	// ID is a GUID in lower case.
	ID string
	// Number is shown in the product. Numbers are sequential on the server.
	Number int64
	Type   string
	// Status is one of the Status constants or any other text.
	Status string
	// CreatedBy is a user's name or, for API-staged imports, the token's name.
	CreatedBy string
	// BuildStart and BuildEnd are nil until the build starts and ends.
	BuildStart, BuildEnd *time.Time
	// Log is the build log; "" is sent as null.
	Log   string
	Files []File
	// Metrics is a JSON object of undocumented shape, nil unless Finished.
	Metrics json.RawMessage
	// ApplicationID is the application's GUID. If the application was removed,
	// the response's application is null.
	ApplicationID string
}

// ended reports whether the import's status is terminal.
func (i Import) ended() bool {
	return i.Status == StatusFinished || i.Status == StatusFailed || i.Status == StatusCanceled
}

// File is an uploaded file. Its content is not kept.
type File struct {
	ID, FileGroupID string // GUIDs
	FileGroup       string // the file group's name
	Name            string // as sent by the client
	// The API does not report these.
	Size   int64
	SHA256 string // in lower-case hexadecimal digits
}
