package permissionassist

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What goes over the wire. These types follow the vendor's reference; nothing
// outside this file and the conversions beside it knows them. Every field can
// be missing or null, because the reference's pages disagree.

// wireAnswer is the body of a successful answer.
type wireAnswer interface {
	// check returns an error unless the body is what was asked for: any JSON
	// object decodes into any of the types.
	check() error
}

type wireApplication struct {
	ID          string          `json:"id"`
	Name        lenient[string] `json:"name"`
	Priority    lenient[string] `json:"priority"`
	IsArchived  lenient[*bool]  `json:"isArchived"`
	LastUpdated lenient[string] `json:"lastUpdated"`
}

func (w *wireApplication) check() error { return checkID("application", w.ID) }

// checkID returns an error unless an answer has the ID of the thing that it is to be.
func checkID(thing, id string) error {
	if id == "" {
		return fmt.Errorf("it is no %s: it has no id", thing)
	}

	if err := ValidateGUID(id); err != nil {
		return fmt.Errorf("it is no %s: its id %w", thing, err)
	}

	return nil
}

// wireApplicationDetails is what "get application" answers: the vendor's
// reference promises more than the documented fields and does not name it.
type wireApplicationDetails struct {
	wireApplication
	// details is a JSON object of the fields that are not documented, nil
	// where there are none.
	details json.RawMessage
}

// The fields of an application that the reference names.
var documentedApplicationFields = []string{"id", "kind", "name", "priority", "isArchived", "lastUpdated"}

// UnmarshalJSON implements json.Unmarshaler.
func (w *wireApplicationDetails) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &w.wireApplication); err != nil {
		return err
	}

	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}

	maps.DeleteFunc(fields, func(name string, _ json.RawMessage) bool {
		// Without regard to case, as the documented ones were decoded.
		return slices.ContainsFunc(documentedApplicationFields, func(documented string) bool {
			return strings.EqualFold(name, documented)
		})
	})

	if len(fields) == 0 {
		return nil
	}

	var err error
	w.details, err = json.Marshal(fields)

	return err
}

type wireFile struct {
	ID          string `json:"id"`
	FileGroupID string `json:"fileGroupId"`
	FileGroup   string `json:"fileGroup"`
	Name        string `json:"name"`
}

type wireImport struct {
	ID     string  `json:"id"`
	Status *string `json:"status"`
	// What follows is information: that it has another shape than documented is
	// no reason to lose sight of the import.
	Number      lenient[int64]            `json:"number"`
	Type        lenient[string]           `json:"type"`
	CreatedBy   lenient[string]           `json:"createdBy"`
	BuildStart  lenient[string]           `json:"buildStart"`
	BuildEnd    lenient[string]           `json:"buildEnd"`
	Log         lenient[string]           `json:"log"`
	Files       lenient[[]wireFile]       `json:"files"`
	Metrics     json.RawMessage           `json:"metrics"`
	Application lenient[*wireApplication] `json:"application"`
}

func (w *wireImport) check() error { return checkID("import", w.ID) }

// wirePage is one page of a list. The vendor's page size is always 50.
type wirePage[T any] struct {
	Items      *[]T `json:"items"`
	TotalCount *int `json:"totalCount"`
	Page       *int `json:"page"`
	PageSize   *int `json:"pageSize"`
	TotalPages *int `json:"totalPages"`
}

func (w *wirePage[T]) check() error {
	if w.Items == nil && w.TotalCount == nil {
		return errors.New("it is no list, it has no items")
	}

	if w.TotalPages == nil && w.TotalCount == nil && len(w.items()) >= pageSize {
		return errors.New("it is a list that does not tell where it ends: a full page, without totalPages and totalCount")
	}

	if pages := deref(w.TotalPages); pages < 0 || pages > maxPages || deref(w.TotalCount) > maxPages*pageSize {
		return fmt.Errorf("it is no list, it claims to have %d pages", pages)
	}

	for _, item := range w.items() {
		if checked, ok := any(&item).(wireAnswer); ok {
			if err := checked.check(); err != nil {
				return err
			}
		}
	}

	return nil
}

func (w *wirePage[T]) items() []T {
	if w.Items == nil {
		return nil
	}

	return *w.Items
}

const (
	pageSize = 50
	// maxPages bounds what a confused server can claim to have.
	maxPages = 100_000
)

// lacksItems tells whether this page, the n-th, is empty and says itself that it
// should not be.
func (w *wirePage[T]) lacksItems(n int) bool {
	return len(w.items()) == 0 && (n == 1 && deref(w.TotalCount) > 0 || n < w.pages(n))
}

// pages is how many pages the list has, as far as this page, the n-th, tells.
func (w *wirePage[T]) pages(n int) int {
	switch {
	case w.TotalPages != nil:
		return *w.TotalPages
	case w.TotalCount != nil:
		size := pageSize
		if w.PageSize != nil && *w.PageSize > 0 {
			size = *w.PageSize
		}

		return (*w.TotalCount + size - 1) / size
	default:
		return n
	}
}

type wireStageRequest struct {
	ApplicationID string `json:"applicationId"`
}

type wireCancelRequest struct {
	ApplicationImportID string `json:"applicationImportId"`
}

type wireEnvelope struct {
	Error         string `json:"error"`
	Message       string `json:"message"`
	CorrelationID string `json:"correlationId"`
	// Kept raw, so that details of another shape do not cost the message.
	Errors json.RawMessage `json:"errors"`
}

type wireFieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// fields are the field-level complaints, as far as they have the documented shape.
func (w wireEnvelope) fields() []wireFieldError {
	var fields []wireFieldError
	if json.Unmarshal(w.Errors, &fields) != nil {
		return nil
	}

	return fields
}

// The codes the reference lists.
var documentedCodes = []string{
	"validation_error", "unauthorized", "forbidden", "not_found", "conflict",
	"unprocessable_entity", "server_error", "creation_failed",
}

// isEnvelope tells the API's envelope from the JSON of a proxy or a framework,
// which may have an "error" too: there is a correlation ID, or the code is a
// documented one and there is a message.
func (w wireEnvelope) isEnvelope() bool {
	return w.Error != "" && (w.CorrelationID != "" || w.Message != "" && slices.Contains(documentedCodes, w.Error))
}

// lenient is a value that counts as missing where it has another type than
// documented.
type lenient[T any] struct{ value T }

// UnmarshalJSON implements json.Unmarshaler.
func (l *lenient[T]) UnmarshalJSON(raw []byte) error {
	var value T

	err := json.Unmarshal(raw, &value)
	if err != nil {
		// A number in quotation marks is one.
		var quoted string
		if json.Unmarshal(raw, &quoted) == nil {
			err = json.Unmarshal([]byte(quoted), &value)
		}
	}

	if err == nil {
		l.value = value
	}

	return nil
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T

		return zero
	}

	return *p
}

// canonical gives the documented spelling of value where it is one of the
// documented ones in another case, and value itself where it is not.
func canonical(value string, documented ...string) string {
	for _, d := range documented {
		if strings.EqualFold(value, d) {
			return d
		}
	}

	return value
}
