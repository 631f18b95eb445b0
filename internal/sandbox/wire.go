package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The types in this file are written from the API's documentation and, on
// purpose, not shared with the client. Fields that some pages omit are raw
// messages: nil omits the field, "null" does not.

type wireError struct {
	Error         string           `json:"error"`
	Message       string           `json:"message"`
	CorrelationID string           `json:"correlationId"`
	Errors        []wireFieldError `json:"errors,omitempty"`
}

type wireFieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

type wirePage struct {
	Items      []any `json:"items"`
	TotalCount int   `json:"totalCount"`
	Page       int   `json:"page"`
	PageSize   int   `json:"pageSize"`
	TotalPages int   `json:"totalPages"`
	*wireExtra
}

type wireImport struct {
	ID          string          `json:"id"`
	Kind        string          `json:"kind"`
	Number      int64           `json:"number"`
	Type        string          `json:"type"`
	Status      string          `json:"status"`
	CreatedBy   json.RawMessage `json:"createdBy,omitempty"`
	BuildStart  *string         `json:"buildStart"`
	BuildEnd    *string         `json:"buildEnd"`
	Log         json.RawMessage `json:"log,omitempty"`
	Files       json.RawMessage `json:"files,omitempty"`
	Metrics     json.RawMessage `json:"metrics,omitempty"`
	Application json.RawMessage `json:"application,omitempty"`
	*wireExtra
}

type wireFile struct {
	ID          string `json:"id"`
	FileGroupID string `json:"fileGroupId"`
	FileGroup   string `json:"fileGroup"`
	Name        string `json:"name"`
	*wireExtra
}

type wireApplication struct {
	ID          string `json:"id"`
	Kind        string `json:"kind"`
	Name        string `json:"name"`
	Priority    string `json:"priority"`
	IsArchived  bool   `json:"isArchived"`
	LastUpdated string `json:"lastUpdated"`
	*wireExtra
}

// wireExtra are fields that no page documents.
type wireExtra struct {
	TenantID string            `json:"tenantId"`
	Links    map[string]string `json:"_links"`
	Revision *int              `json:"revision"`
}

func (d Dialect) extra() *wireExtra {
	if !d.ExtraFields {
		return nil
	}
	return &wireExtra{TenantID: "contoso", Links: map[string]string{"self": "/api"}}
}

func (d Dialect) id(id string) string {
	if d.UpperCaseIDs {
		return strings.ToUpper(id)
	}
	return id
}

func (d Dialect) time(t time.Time) string {
	layout := "2006-01-02T15:04:05Z"
	if d.TimesWithoutZone {
		layout = strings.TrimSuffix(layout, "Z")
	}
	return t.UTC().Format(layout)
}

func (d Dialect) timeOrNull(t *time.Time) *string {
	if t == nil {
		return nil
	}
	text := d.time(*t)
	return &text
}

// application returns null if the application was removed.
func (d Dialect) application(a *Application) *wireApplication {
	if a == nil {
		return nil
	}
	return &wireApplication{
		ID: d.id(a.ID), Kind: "Application", Name: a.Name, Priority: a.Priority,
		IsArchived: a.IsArchived, LastUpdated: d.time(a.LastUpdated), wireExtra: d.extra(),
	}
}

// importItem returns an import as an item of a list.
func (d Dialect) importItem(i *Import, a *Application) wireImport {
	item := wireImport{
		ID: d.id(i.ID), Kind: "Application Import", Number: i.Number, Type: i.Type, Status: i.Status,
		BuildStart: d.timeOrNull(i.BuildStart), BuildEnd: d.timeOrNull(i.BuildEnd),
		Application: raw(d.application(a)), wireExtra: d.extra(),
	}
	if i.Type == TypeAPI {
		item.Type = cmp.Or(d.ImportType, TypeAPI)
	}
	return item
}

// importWhole returns an import as the body of a response with a single import.
func (d Dialect) importWhole(i *Import, a *Application) wireImport {
	files := []wireFile{}
	for _, f := range i.Files {
		files = append(files, wireFile{
			ID: d.id(f.ID), FileGroupID: d.id(f.FileGroupID), FileGroup: f.FileGroup, Name: f.Name, wireExtra: d.extra(),
		})
	}
	whole := d.importItem(i, a)
	if d.OmitApplication {
		whole.Application = nil
	}
	whole.CreatedBy = rawUnless(d.OmitCreatedBy, i.CreatedBy)
	whole.Log = rawUnless(d.OmitLog, textOrNull(i.Log))
	whole.Files = rawUnless(d.OmitFiles, files)
	whole.Metrics = rawUnless(d.OmitMetrics, i.Metrics)
	return whole
}

func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// raw encodes a value. Only metrics set by a test can fail to encode.
func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sandbox: cannot encode %T: %v", v, err))
	}
	return b
}

func rawUnless(omitted bool, v any) json.RawMessage {
	if omitted {
		return nil
	}
	return raw(v)
}

// readField returns the text of one field of a JSON object. The name is
// case-sensitive. A missing field and null are "".
func readField(body []byte, name string) (string, error) {
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return "", err
	}
	text, ok := fields[name].(string)
	if !ok && fields[name] != nil {
		return "", errors.New(name + " is not a text")
	}
	return text, nil
}
