package permissionassist

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Status is the status of an import.
type Status string

// The documented statuses: Pending, then Running, then Finished or Failed;
// Canceling, then Canceled. The product can also pause an import, so others
// occur; they are kept as the server spells them.
const (
	StatusPending   Status = "Pending"
	StatusRunning   Status = "Running"
	StatusFinished  Status = "Finished"
	StatusFailed    Status = "Failed"
	StatusCanceling Status = "Canceling"
	StatusCanceled  Status = "Canceled"
)

// Statuses returns the documented statuses.
func Statuses() []Status {
	return []Status{StatusPending, StatusRunning, StatusFinished, StatusFailed, StatusCanceling, StatusCanceled}
}

// Unsuccessful reports whether the import has ended without importing anything.
func (s Status) Unsuccessful() bool { return s == StatusFailed || s == StatusCanceled }

// Documented reports whether the vendor's reference has this status.
func (s Status) Documented() bool { return slices.Contains(Statuses(), s) }

// The documented types of an import. The vendor's pages also show "Api".
const (
	TypeAPI       = "API"
	TypeScheduled = "Scheduled"
	TypeManual    = "Manual"
)

// ApplicationImport is one import of one application. A field is zero if the
// response does not have it; the items of the list have no CreatedBy, Log,
// Files and Metrics. Its texts are printable and, except the log, on one line
// and at most 200 characters long.
type ApplicationImport struct {
	// ID is a GUID in lower case.
	ID string
	// Number is the number that Permission Assist shows; 0 if unknown.
	Number int64
	// Type is Scheduled, Manual or API in this spelling, or what the server
	// reports if it is none of these. It does not prove who staged the import: the
	// vendor's pages show API, Api and Scheduled for imports staged by the API.
	Type   string
	Status Status
	// CreatedBy is the name of the token or person that staged it.
	CreatedBy string
	// BuildStart and BuildEnd are ISO 8601 times as the server reports them, with
	// or without a zone; empty until the build starts and ends.
	BuildStart, BuildEnd string
	// Log is the text of the build log. GetApplicationImport returns it;
	// RefreshApplicationImport and WaitForApplicationImport only its end, and only
	// for an import that ended without success.
	Log string
	// LogTooLarge is set if the response with the log is larger than 16 MiB. The
	// import then comes from the list, which has fewer fields.
	LogTooLarge bool
	// Files are the uploaded files, at most 500; nil if the response does not
	// report them, empty if it reports that there are none.
	Files []ImportFile
	// Metrics is a JSON value of undocumented shape; nil unless Finished.
	Metrics json.RawMessage
	// MetricsTooLarge is set if Metrics is nil because Terraform could not handle
	// it: it was larger than 64 KiB, nested more than 32 levels deep, had more
	// than 500 elements in an array or 5000 in all, or a number that is not a
	// float64.
	MetricsTooLarge bool
	// Application is nil if the response does not have it, or has a value that
	// cannot be read; then ApplicationUnreadable is set.
	Application           *Application
	ApplicationUnreadable bool
	// StagedAt is when the import was staged, by the local clock, as far as the
	// caller knows; zero otherwise. No response has it.
	StagedAt time.Time
}

// ImportFile is one file that an import reads. FileGroup is the name of the
// file group in the connector's definition.
type ImportFile struct {
	ID, FileGroupID string
	FileGroup, Name string
}

// Ended reports whether the import can no longer change: it is Finished, Failed
// or Canceled, or its status is undocumented and it has a build end. The
// outcome is then unknown, and never a success.
func (i ApplicationImport) Ended() bool {
	return i.Status == StatusFinished || i.Status.Unsuccessful() || !i.Status.Documented() && i.BuildEnd != ""
}

// HasStatus reports whether the import has one of the statuses, ignoring case.
// Without statuses, every import matches.
func (i ApplicationImport) HasStatus(statuses []string) bool {
	return len(statuses) == 0 || slices.ContainsFunc(statuses, func(status string) bool { return SameValue(status, string(i.Status)) })
}

// String names the import as people know it: "import #42 of Jack Henry
// Silverlake".
func (i ApplicationImport) String() string {
	name := "import " + i.ID
	if i.Number != 0 {
		name = fmt.Sprintf("import #%d", i.Number)
	}

	switch {
	case i.Application == nil:
		return name
	case i.Application.Name != "":
		return name + " of " + i.Application.Name
	default:
		return name + " of application " + i.Application.ID
	}
}

// MayBelongTo reports whether the import belongs to an application, as far as
// the response names its application. Only this function decides it. Without an
// applicationID, every import matches.
func (i ApplicationImport) MayBelongTo(applicationID string) bool {
	if applicationID == "" || i.Application == nil {
		return applicationID == "" || !i.ApplicationUnreadable
	}
	return SameGUID(i.Application.ID, applicationID)
}

// applicationID returns the ID of the import's application; empty if unknown.
func (i ApplicationImport) applicationID() string {
	if i.Application == nil {
		return ""
	}
	return i.Application.ID
}

// checkApplication returns an *OtherApplicationError unless MayBelongTo.
func (i ApplicationImport) checkApplication(applicationID string) error {
	if i.MayBelongTo(applicationID) {
		return nil
	}
	return &OtherApplicationError{Import: i, ApplicationID: applicationID}
}

// withKnown fills in fields that never change and that the response lacks, from
// before. The error is an *OtherApplicationError if the response is about
// another application than before.
func (i ApplicationImport) withKnown(before ApplicationImport) (ApplicationImport, error) {
	if err := i.checkApplication(before.applicationID()); err != nil {
		return ApplicationImport{}, err
	}
	i.Number = cmp.Or(i.Number, before.Number)
	i.Type = cmp.Or(i.Type, before.Type)
	i.CreatedBy = cmp.Or(i.CreatedBy, before.CreatedBy)
	i.Application = cmp.Or(i.Application, before.Application)
	i.StagedAt = before.StagedAt
	return i, nil
}

func (c *Client) applicationImport(w wireApplicationImport) ApplicationImport {
	i := ApplicationImport{
		ID:         string(w.ID),
		Number:     max(0, int64(w.Number.value)),
		Type:       documented(c.line(w.Type.value), []string{TypeScheduled, TypeManual, TypeAPI}),
		Status:     documented(c.line(w.Status.value), Statuses()),
		CreatedBy:  c.line(w.CreatedBy.value),
		BuildStart: c.timestamp(w.BuildStart.value),
		BuildEnd:   c.timestamp(w.BuildEnd.value),
	}
	app := w.Application.value
	// Present but unreadable is not unknown.
	i.ApplicationUnreadable = w.Application.unreadable || app != nil && app.check() != nil
	if !i.ApplicationUnreadable {
		i.Application = optional(app, c.application)
	}
	return i
}

// completeImport also has what the items of the list lack, except the log.
func (c *Client) completeImport(w wireCompleteImport) ApplicationImport {
	i := c.applicationImport(w.wireApplicationImport)
	i.Metrics, i.MetricsTooLarge = c.json(w.Metrics)
	if files := w.Files.value; files != nil {
		i.Files = make([]ImportFile, 0, len(files))
		for _, f := range files {
			i.Files = append(i.Files, ImportFile{
				ID: c.line(string(f.ID.value)), FileGroupID: c.line(string(f.FileGroupID.value)),
				FileGroup: c.line(f.FileGroup.value), Name: c.line(f.Name.value),
			})
		}
	}
	return i
}

// doImport sends a request whose response is one import. Without wholeLog, only
// the end of the log is read, and only if the import has ended without success:
// a log can be megabytes.
func (c *Client) doImport(ctx context.Context, r *request, wholeLog bool) (ApplicationImport, *response, error) {
	resp, err := c.do(ctx, r)
	if err != nil {
		return ApplicationImport{}, nil, err
	}
	w, err := decode[wireCompleteImport](c, resp)
	if err != nil {
		return ApplicationImport{}, resp, err
	}

	imp := c.completeImport(w)
	if wholeLog || imp.Ended() && imp.Status != StatusFinished {
		var w wireLog
		_ = unmarshal(resp.body, &w) // it was decoded before, and every log is accepted
		n := maxLogEnd
		if wholeLog {
			n = maxImportBytes
		}
		imp.Log = c.tail(w.Log.value, n)
	}
	return imp, resp, nil
}

// StageApplicationImport sends one POST that stages an import of an application
// by its import schedule. It is repeated only if the server certainly did not
// process it. Use package staging, which finds out what a failed POST has done.
func (c *Client) StageApplicationImport(ctx context.Context, applicationID string) (ApplicationImport, error) {
	imp, _, err := c.doImport(ctx, c.post(OperationStage, "applicationId", applicationID, "application-imports", "stage"), false)
	return imp, err
}

// CancelApplicationImport requests that an import be canceled. Its status is
// then Canceling until the server's queue gets to it. The error is ErrConflict
// if the import has ended or is already being canceled, and ErrNotFound if the
// server does not know it. Repeating the request does no harm, so it is
// retried.
func (c *Client) CancelApplicationImport(ctx context.Context, id string) (ApplicationImport, error) {
	if err := ValidateGUID(id); err != nil {
		return ApplicationImport{}, err
	}
	r := c.post(OperationCancel, "applicationImportId", id, "application-imports", "cancel")
	r.repeatable = true

	imp, resp, err := c.doImport(ctx, r, false)
	switch {
	case errors.Is(err, ErrTooLarge), resp != nil && err != nil && acknowledges(resp.body):
		// The reference mentions 204 without saying where (docs.sycorr.com,
		// /latest/api/).
		return ApplicationImport{ID: strings.ToLower(id)}, nil
	case err == nil && !SameGUID(imp.ID, id):
		return ApplicationImport{}, c.unexpected(resp, errOtherItem)
	}
	return imp, err
}

// acknowledges reports whether a 2xx body that is not an import can still come
// from the API: not a web page, not truncated JSON, and not an error.
func acknowledges(body []byte) bool {
	body = bytes.TrimSpace(withoutBOM(body))
	var envelope wireEnvelope
	return !bytes.HasPrefix(body, []byte("<")) && (!bytes.HasPrefix(body, []byte("{")) || json.Valid(body)) &&
		(json.Unmarshal(body, &envelope) != nil || !envelope.isEnvelope())
}

// GetApplicationImport reads one import with its log. If the server does not
// have the endpoint (its path is inferred, not documented), the list is read
// instead. The error is then ErrNotListed rather than ErrNotFound if the import
// is missing, and fields that only the full response has are zero.
func (c *Client) GetApplicationImport(ctx context.Context, id string) (ApplicationImport, error) {
	return c.getApplicationImport(ctx, id, "", true)
}

func (c *Client) getApplicationImport(ctx context.Context, id, applicationID string, wholeLog bool) (ApplicationImport, error) {
	imp, err := c.readImport(ctx, id, wholeLog)
	if !c.onlyListed(err) {
		return imp, err
	}

	listed, listErr := c.findInList(ctx, id, applicationID)
	listed.LogTooLarge = errors.Is(err, ErrTooLarge)
	var missing *MissingEndpointError
	if listed.LogTooLarge && errors.As(listErr, &missing) {
		return ApplicationImport{}, err
	}
	return listed, listErr
}

// readImport reads an import from its own endpoint.
func (c *Client) readImport(ctx context.Context, id string, wholeLog bool) (ApplicationImport, error) {
	if err := ValidateGUID(id); err != nil {
		return ApplicationImport{}, err
	}
	imp, resp, err := c.doImport(ctx, c.get(OperationGetImport, maxImportBytes, nil, "application-imports", id), wholeLog)
	if err == nil && !SameGUID(imp.ID, id) {
		return ApplicationImport{}, c.unexpected(resp, errOtherItem)
	}
	return imp, err
}

// onlyListed reports whether err, the result of readImport, means that only the
// list can have the import: the server lacks the endpoint, or the log is too
// large.
func (c *Client) onlyListed(err error) bool {
	return c.getImportEndpoint.isMissing(err) || errors.Is(err, ErrTooLarge)
}

// CompleteApplicationImport reads the fields that the list's items lack. If the
// server does not have the endpoint for one import, it returns the import as it
// was listed. The error is ErrNotFound if the import has since been removed, and an
// *OtherApplicationError if it belongs to another application than listed.
func (c *Client) CompleteApplicationImport(ctx context.Context, listed ApplicationImport) (ApplicationImport, error) {
	imp, err := c.readImport(ctx, listed.ID, true)
	switch {
	case c.onlyListed(err):
		listed.LogTooLarge = errors.Is(err, ErrTooLarge)
		return listed, nil
	case err != nil:
		return ApplicationImport{}, err
	}
	return imp.withKnown(listed)
}

const (
	// youngAge is how long an import is never believed to be gone. A node that
	// lags behind the others lacks only what is new.
	youngAge = 10 * time.Minute
	// goneConfirmation is the pause before both witnesses are checked again.
	goneConfirmation = 5 * time.Second
)

// RefreshApplicationImport reads an import that is known to have existed. A
// single 404 proves nothing: a lagging node or a restart returns one too
// (*inferred*; the log of a server behind a load balancer would settle it). So
// the error is ErrGone only if the import is at least ten minutes old
// (known.StagedAt) and two witnesses agree twice: the API's own 404, and the
// import's absence from the list of its application, if the server has the
// list. It is ErrNotVisible for a younger import. It is an
// *OtherApplicationError if the server now reports the import for another
// application.
func (c *Client) RefreshApplicationImport(ctx context.Context, known ApplicationImport) (ApplicationImport, error) {
	imp, err := c.getApplicationImport(ctx, known.ID, known.applicationID(), false)
	if errors.Is(err, ErrNotFound) {
		imp, err = c.confirmGone(ctx, known, err)
	}
	if err != nil {
		return ApplicationImport{}, err
	}
	return imp.withKnown(known)
}

// confirmGone checks the other witness, and then both again, after the API
// responded with notFound.
func (c *Client) confirmGone(ctx context.Context, known ApplicationImport, notFound error) (ApplicationImport, error) {
	if time.Since(known.StagedAt) < youngAge {
		return ApplicationImport{}, fmt.Errorf("%w: %w", ErrNotVisible, notFound)
	}
	for confirmed := false; ; confirmed = true {
		imp, err := c.findInList(ctx, known.ID, known.applicationID())
		var missing *MissingEndpointError
		switch {
		case !errors.Is(err, ErrNotListed) && !errors.As(err, &missing):
			return imp, err
		case confirmed:
			return ApplicationImport{}, fmt.Errorf("%w: %w", ErrGone, notFound)
		}

		if err := sleep(ctx, goneConfirmation); err != nil {
			return ApplicationImport{}, err
		}
		if imp, err := c.getApplicationImport(ctx, known.ID, known.applicationID(), false); !errors.Is(err, ErrNotFound) {
			return imp, err
		}
	}
}
