package permissionassist

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The wire types follow the vendor's reference. This file has those of
// applications and imports, and what all have in common. Every field can be
// missing or null, because the pages of the reference disagree.

// Limits for decoding, so that a small compressed response cannot take
// gigabytes of memory.
const (
	// maxImportBytes is for one import with its log.
	maxImportBytes = 16 << 20
	// maxLogEnd is how much of the end of a log is read if nobody wants all of it.
	maxLogEnd = 64 << 10
	// maxPageBytes is for one page of a list, or one item that is not an import.
	maxPageBytes = 2 << 20
	// maxElements is for the items of a page (the API sends 50) and for the
	// files of an import.
	maxElements = 500
	// The others are for values of undocumented shape; their arrays have at most
	// maxElements each.
	maxJSONBytes    = 64 << 10
	maxJSONDepth    = 32
	maxJSONElements = 5000
)

// wireGUID is a GUID in lower case, however the server spells it: a for_each
// over IDs must not depend on the spelling. Other texts stay as they are.
type wireGUID string

func (g *wireGUID) UnmarshalText(text []byte) error {
	if *g = wireGUID(text); ValidateGUID(string(text)) == nil {
		*g = wireGUID(strings.ToLower(string(text)))
	}
	return nil
}

// wireID is the ID of an item, which every item must have.
type wireID struct {
	ID wireGUID `json:"id"`
}

func (w wireID) itemID() wireGUID { return w.ID }

func (w wireID) check() error {
	switch {
	case w.ID == "":
		return errors.New("it has no id")
	case ValidateGUID(string(w.ID)) != nil:
		return errors.New("its id is not a GUID")
	default:
		return nil
	}
}

type wireApplication struct {
	wireID
	Name        lenient[string] `json:"name"`
	Priority    lenient[string] `json:"priority"`
	IsArchived  lenient[*bool]  `json:"isArchived"`
	LastUpdated lenient[string] `json:"lastUpdated"`
}

type wireFile struct {
	ID          lenient[wireGUID] `json:"id"`
	FileGroupID lenient[wireGUID] `json:"fileGroupId"`
	FileGroup   lenient[string]   `json:"fileGroup"`
	Name        lenient[string]   `json:"name"`
}

// wireApplicationImport is an import without what only the response about one
// import has: a page of a list has up to 500 items, and a list many pages.
type wireApplicationImport struct {
	wireID
	Status      lenient[string]           `json:"status"`
	Number      lenient[integer]          `json:"number"`
	Type        lenient[string]           `json:"type"`
	CreatedBy   lenient[string]           `json:"createdBy"`
	BuildStart  lenient[string]           `json:"buildStart"`
	BuildEnd    lenient[string]           `json:"buildEnd"`
	Application lenient[*wireApplication] `json:"application"`
}

// wireCompleteImport has what the response about one import has, except its
// log.
type wireCompleteImport struct {
	wireApplicationImport
	Files   lenient[elements[wireFile]] `json:"files"`
	Metrics json.RawMessage             `json:"metrics"`
}

// wireLog is an import's log alone: a log can be megabytes, and ten concurrent
// waits should not hold theirs in memory.
type wireLog struct {
	Log lenient[string] `json:"log"`
}

// elements is an array that is decoded one element at a time. If it has more
// than maxElements, these are kept, and the error is errTooManyElements.
type elements[T any] []T

var errTooManyElements = fmt.Errorf("%w: an array has more than %d elements", ErrTooLarge, maxElements)

func (e *elements[T]) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	switch start, _ := decoder.Token(); start { // data is valid
	case nil: // null
		return nil
	case json.Delim('['):
	default:
		return wrongType[[]T](data)
	}

	*e = elements[T]{}
	for decoder.More() {
		if len(*e) == maxElements {
			return errTooManyElements
		}
		var element T
		if err := decoder.Decode(&element); err != nil {
			return err
		}
		*e = append(*e, element)
	}
	return nil
}

type wireEnvelope struct {
	Error         string                            `json:"error"`
	Message       lenient[string]                   `json:"message"`
	CorrelationID lenient[string]                   `json:"correlationId"`
	Errors        lenient[elements[wireFieldError]] `json:"errors"`
}

type wireFieldError struct {
	Field   lenient[string] `json:"field"`
	Message lenient[string] `json:"message"`
}

// The codes that the reference lists.
var documentedCodes = []string{
	"validation_error", "unauthorized", "forbidden", "not_found", "conflict",
	"unprocessable_entity", "server_error", codeCreationFailed,
}

// isEnvelope distinguishes the API's envelope from the JSON of a proxy or a
// framework, which may have an "error" too: the API's has a correlation ID, or
// a documented code and a message.
func (w *wireEnvelope) isEnvelope() bool {
	return w.Error != "" && (w.CorrelationID.value != "" || w.Message.value != "" && slices.Contains(documentedCodes, w.Error))
}

// lenient is a value that counts as missing if it has another type than
// documented.
type lenient[T any] struct {
	value T
	// unreadable is set if it has another type, and is not null.
	unreadable bool
}

func (l *lenient[T]) UnmarshalJSON(raw []byte) error {
	var value T
	if err := json.Unmarshal(raw, &value); err == nil || errors.Is(err, errTooManyElements) {
		l.value = value
	} else {
		l.unreadable = true
	}
	return nil
}

// integer is a JSON number without a fraction, also in the forms 1001.0 and
// "1001". One that a float64 cannot hold is not a number.
type integer int64

func (i *integer) UnmarshalJSON(raw []byte) error {
	value, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil || value != math.Trunc(value) || math.Abs(value) > 1<<53 {
		return wrongType[integer](raw)
	}
	*i = integer(value)
	return nil
}

// wrongType is the error for a value that is not a T.
func wrongType[T any](raw []byte) error {
	kinds := map[byte]string{'"': "string", '{': "object", '[': "array", 't': "bool", 'f': "bool"}
	return &json.UnmarshalTypeError{Value: cmp.Or(kinds[raw[0]], "number"), Type: reflect.TypeFor[T]()}
}

// embedded matches the name of an embedded wire type in the path of a field.
var embedded = regexp.MustCompile(`\bwire\w+\.`)

// describeTypeError names the field and the types in words of JSON. The text of
// encoding/json names Go's types.
func describeTypeError(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	expected := map[reflect.Kind]string{
		reflect.String: "string", reflect.Slice: "array", reflect.Int64: "whole number", reflect.Bool: "bool",
	}
	what := "the body"
	if wrong.Field != "" {
		what = fmt.Sprintf("the field %q", embedded.ReplaceAllString(wrong.Field, ""))
	}
	got, _, _ := strings.Cut(wrong.Value, " ") // without the number itself
	return fmt.Errorf("%s has the JSON type %s, and %s is expected", what, got, cmp.Or(expected[wrong.Type.Kind()], "object"))
}

// documented returns the documented spelling of a value, and the value itself
// if it is not documented.
func documented[S ~string](value string, values []S) S {
	for _, v := range values {
		if SameValue(value, string(v)) {
			return v
		}
	}
	return S(value)
}

// SameValue reports whether two values of a documented list are the same one,
// ignoring case and spaces: the pages write both "RoleTransition" and "Role
// Transition" (/latest/api/personnel-events of the vendor's reference).
func SameValue(a, b string) bool {
	withoutSpaces := func(s string) string { return strings.Join(strings.Fields(s), "") }
	return strings.EqualFold(withoutSpaces(a), withoutSpaces(b))
}

// optional converts a part of a response that can be missing.
func optional[W, T any](w *W, convert func(W) T) *T {
	if w == nil {
		return nil
	}
	value := convert(*w)
	return &value
}

// The API documents its identifiers as GUIDs, in the hyphenated form only.
var guidPattern = regexp.MustCompile(`\A[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\z`)

// ValidateGUID returns an error that shows s and the expected form unless s is
// a hyphenated GUID, in upper or lower case.
func ValidateGUID(s string) error {
	if guidPattern.MatchString(s) {
		return nil
	}
	return fmt.Errorf("%q is not a GUID: expected 32 hexadecimal digits in the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, "+
		"for example 3f2504e0-4f89-41d3-9a0c-0305e82c3301", Shorten(s, maxQuoted))
}

// maxQuoted is how many characters of a wrong value a message quotes.
const maxQuoted = 100

// SameGUID reports whether a and b are the same identifier, ignoring case.
func SameGUID(a, b string) bool { return strings.EqualFold(a, b) }
