package sandbox

import (
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

// wireApplicationDetails adds what the documentation calls "connector
// configuration and last import status" without naming the fields.
type wireApplicationDetails struct {
	wireApplication
	ConnectorConfiguration wireConnector `json:"connectorConfiguration"`
	LastImportStatus       *string       `json:"lastImportStatus"`
}

type wireConnector struct {
	Name       string          `json:"name"`
	FileGroups []wireFileGroup `json:"fileGroups"`
}

type wireFileGroup struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Required bool   `json:"required"`
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

func (d Dialect) importType(t string) string {
	if t == TypeAPI && d.ImportType != "" {
		return d.ImportType
	}
	return t
}

func (d Dialect) application(a *Application) wireApplication {
	return wireApplication{
		ID: d.id(a.ID), Kind: "Application", Name: a.Name, Priority: a.Priority,
		IsArchived: a.IsArchived, LastUpdated: d.time(a.LastUpdated), wireExtra: d.extra(),
	}
}

// importItem returns an import as an item of a list; a is nil if its
// application was removed.
func (d Dialect) importItem(i *Import, a *Application) wireImport {
	item := wireImport{
		ID: d.id(i.ID), Kind: "Application Import", Number: i.Number,
		Type: d.importType(i.Type), Status: i.Status,
		BuildStart: d.timeOrNull(i.BuildStart), BuildEnd: d.timeOrNull(i.BuildEnd),
		Application: raw(nil), wireExtra: d.extra(),
	}
	if a != nil {
		item.Application = raw(d.application(a))
	}
	return item
}

// importWhole returns an import as the body of a response with a single import.
func (d Dialect) importWhole(i *Import, a *Application) wireImport {
	whole := d.importItem(i, a)
	if d.OmitApplication {
		whole.Application = nil
	}
	if !d.OmitCreatedBy {
		whole.CreatedBy = raw(i.CreatedBy)
	}
	if !d.OmitLog {
		whole.Log = raw(nil)
		if i.Log != "" {
			whole.Log = raw(i.Log)
		}
	}
	if !d.OmitFiles {
		files := []wireFile{}
		for _, f := range i.Files {
			files = append(files, wireFile{
				ID: d.id(f.ID), FileGroupID: d.id(f.FileGroupID), FileGroup: f.FileGroup, Name: f.Name,
				wireExtra: d.extra(),
			})
		}
		whole.Files = raw(files)
	}
	if !d.OmitMetrics {
		whole.Metrics = raw(i.Metrics)
	}
	return whole
}

func (d Dialect) applicationDetails(a *Application, last *Import) wireApplicationDetails {
	details := wireApplicationDetails{
		wireApplication:        d.application(a),
		ConnectorConfiguration: wireConnector{Name: "Database", FileGroups: []wireFileGroup{}},
	}
	for _, g := range a.FileGroups {
		details.ConnectorConfiguration.Name = "File"
		details.ConnectorConfiguration.FileGroups = append(details.ConnectorConfiguration.FileGroups,
			wireFileGroup{ID: d.id(g.ID), Name: g.Name, Required: g.Required})
	}
	if last != nil {
		status := last.Status
		details.LastImportStatus = &status
	}
	return details
}

// readField returns the text of one field of a JSON object. The name is
// case-sensitive. A missing field and null are "".
func readField(body []byte, name string) (string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return "", err
	}
	if fields == nil {
		return "", errors.New("not a JSON object")
	}
	value, ok := fields[name]
	if !ok {
		return "", nil
	}
	var text *string
	if err := json.Unmarshal(value, &text); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if text == nil {
		return "", nil
	}
	return *text, nil
}
