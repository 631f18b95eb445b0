package permissionassist

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Status is how an import stands.
type Status string

// The documented statuses: Pending, then Running, then Finished or Failed;
// Canceling, then Canceled. The product can also pause an import, so others
// turn up; they are kept as the server spells them.
const (
	StatusPending   Status = "Pending"
	StatusRunning   Status = "Running"
	StatusFinished  Status = "Finished"
	StatusFailed    Status = "Failed"
	StatusCanceling Status = "Canceling"
	StatusCanceled  Status = "Canceled"
)

// Terminal tells whether the import has ended and its status can no longer
// change. A status that is not documented is not terminal.
func (s Status) Terminal() bool {
	return s == StatusFinished || s.Unsuccessful()
}

// Unsuccessful tells whether the import has ended without importing anything.
func (s Status) Unsuccessful() bool {
	return s == StatusFailed || s == StatusCanceled
}

// Documented tells whether the vendor's reference has this status.
func (s Status) Documented() bool {
	return s.Terminal() || s == StatusPending || s == StatusRunning || s == StatusCanceling
}

// The documented types of an import. The vendor's pages also show "Api".
const (
	typeAPI       = "API"
	typeScheduled = "Scheduled"
	typeManual    = "Manual"
)

// ImportFile is one file that an import reads.
type ImportFile struct {
	// ID and FileGroupID are GUIDs.
	ID, FileGroupID string
	// FileGroup is the name of the file group in the connector's definition.
	FileGroup string
	// Name is the file's name.
	Name string
}

// Import is one import of one application. A field is zero where the answer it
// comes from does not have it; the list's items have no CreatedBy, Log, Files
// and Metrics.
type Import struct {
	// ID is a GUID; compare with SameGUID.
	ID string
	// Number is what people see in the product; 0 where unknown.
	Number int64
	// Type is Scheduled, Manual or API in this spelling, or what the server
	// said where it is none of these.
	Type   string
	Status Status
	// CreatedBy is the name of the token (or person) that staged it.
	CreatedBy string
	// BuildStart and BuildEnd are ISO 8601 times as the server reported them,
	// with or without a zone; empty until the build starts and ends.
	BuildStart, BuildEnd string
	// Log is the text of the build log.
	Log string
	// Files are what was uploaded for it; nil where the answer did not say,
	// empty where it said that there are none.
	Files []ImportFile
	// Metrics is a JSON value of undocumented shape; nil unless Finished.
	Metrics json.RawMessage
	// Application is nil where the answer did not have it.
	Application *Application
	// Recovered is why the answer to its staging could not be trusted, where the
	// import was found in the list after that; else nil.
	Recovered error
	// Posts is how often its staging was posted, each time because nothing had
	// come of the time before; up to so many imports can turn up. 0 where the
	// import was not staged by this client.
	Posts int
}

// String names the import as people know it: "import #42 of Jack Henry
// Silverlake". It is printable.
func (i Import) String() string {
	name := "import " + PrintableLine(i.ID)
	if i.Number != 0 {
		name = fmt.Sprintf("import #%d", i.Number)
	}

	switch {
	case i.Application == nil:
		return name
	case strings.TrimSpace(i.Application.Name) != "":
		return name + " of " + PrintableLine(i.Application.Name)
	default:
		return name + " of application " + PrintableLine(i.Application.ID)
	}
}

func (w *wireImport) toImport() Import {
	i := Import{
		ID:     w.ID,
		Number: w.Number.value,
		Type:   canonical(w.Type.value, typeScheduled, typeManual, typeAPI),
		Status: Status(canonical(deref(w.Status), string(StatusPending), string(StatusRunning), string(StatusFinished),
			string(StatusFailed), string(StatusCanceling), string(StatusCanceled))),
		CreatedBy:  w.CreatedBy.value,
		BuildStart: w.BuildStart.value,
		BuildEnd:   w.BuildEnd.value,
		Log:        w.Log.value,
	}

	if w.Files.value != nil {
		i.Files = make([]ImportFile, 0, len(w.Files.value))
		for _, f := range w.Files.value {
			i.Files = append(i.Files, ImportFile(f))
		}
	}

	if len(w.Metrics) > 0 && string(w.Metrics) != "null" {
		i.Metrics = w.Metrics
	}

	if w := w.Application.value; w != nil && w.ID != "" {
		app := w.application()
		i.Application = &app
	}

	return i
}

// CancelImport asks for an import to be canceled. The answer's status is
// Canceling; it lasts until the server's queue gets to the import. An import
// that has ended or is being canceled already is ErrConflict, an unknown one
// ErrNotFound. Repeating the request is harmless, so it is retried.
func (c *Client) CancelImport(ctx context.Context, id string) (Import, error) {
	if err := ValidateGUID(id); err != nil {
		return Import{}, err
	}

	var w wireImport
	if err := c.post(ctx, &call{policy: idempotent}, []string{"application-imports", "cancel"}, wireCancelRequest{ApplicationImportID: id}, &w); err != nil {
		return Import{}, err
	}

	if !SameGUID(w.ID, id) {
		return Import{}, c.wrongItem(http.StatusOK, http.MethodPost, "application-imports/cancel", w.ID)
	}

	return w.toImport(), nil
}

// GetImport reads one import. Where the server has no API for one (the path is
// inferred, not documented), the list stands in, narrowed to applicationID
// unless that is empty; then an import that is missing from it is ErrNotListed
// instead of ErrNotFound, and what only the full answer has is zero.
func (c *Client) GetImport(ctx context.Context, id, applicationID string) (Import, error) {
	if err := ValidateGUID(id); err != nil {
		return Import{}, err
	}

	return orStandIn(&c.importAPI,
		func() (Import, error) { return c.getImport(ctx, id) },
		func() (Import, error) {
			imp, err := c.findListedImport(ctx, id, applicationID)
			if isMissingAPI(err) {
				err = &MissingAPIError{API: "GET /api/application-imports/{id} and GET /api/application-imports", Err: err}
			}

			return imp, err
		})
}

func (c *Client) getImport(ctx context.Context, id string) (Import, error) {
	var w wireImport
	if err := c.get(ctx, []string{"application-imports", id}, nil, &w); err != nil {
		return Import{}, err
	}

	if !SameGUID(w.ID, id) {
		return Import{}, c.wrongItem(http.StatusOK, http.MethodGet, "application-imports/"+id, w.ID)
	}

	return w.toImport(), nil
}
