package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// stage creates a new import on every call: the API is not idempotent.
func (s *Server) stage(c *call) response {
	id, err := readField(c.request.Body, "applicationId")
	if err != nil {
		return invalid("The request body is not valid JSON: " + err.Error())
	}
	a, refused := s.importable(id)
	switch {
	case refused != nil:
		return *refused
	case a.Problem == NoSchedule:
		return unprocessable("The application has no import schedule")
	case a.Problem == NoFilePaths:
		return unprocessable("The application's required file paths are not configured")
	}
	return s.created(a, nil)
}

// created adds a pending import of a and returns the response.
func (s *Server) created(a *Application, files []File) response {
	i := s.insert(Import{
		Type: TypeAPI, Status: StatusPending, CreatedBy: s.tokenName, ApplicationID: a.ID, Files: files,
	})
	return jsonResponse(http.StatusCreated, s.importBody(i))
}

func (s *Server) cancel(c *call) response {
	const field = "applicationImportId"
	id, err := readField(c.request.Body, field)
	switch {
	case err != nil:
		return invalid("The request body is not valid JSON: " + err.Error())
	case id == "":
		return invalidField(field, "Application import id is required")
	case !isGUID(id):
		return invalidField(field, "Application import id is not a valid GUID")
	}
	i := s.imports.find(id)
	switch {
	case i == nil:
		return notFound("Application import", id)
	case i.ended() || i.Status == StatusCanceling:
		return envelope(http.StatusConflict, codeConflict,
			fmt.Sprintf("Application import %d cannot be canceled: it is %s", i.Number, i.Status))
	}
	i.Status = StatusCanceling
	s.notify()
	return jsonResponse(http.StatusOK, s.importBody(i))
}

func (s *Server) getImport(c *call) response {
	return one(c, &s.imports, "Application import", func(i *Import) any { return s.importBody(i) })
}

func (s *Server) listImports(c *call) response {
	id := c.query.Get("applicationId")
	if id != "" && !isGUID(id) {
		return invalidField("applicationId", "Application id is not a valid GUID")
	}
	var wanted []*Import
	for _, i := range s.imports.rows {
		if id == "" || i.ApplicationID == normalID(id) {
			wanted = append(wanted, i)
		}
	}
	slices.SortFunc(wanted, s.dialect.compareImports)
	return pageOf(s.dialect, c.query, wanted, func(i *Import) any {
		return s.dialect.importItem(i, s.applications.find(i.ApplicationID))
	})
}

// compareImports orders imports like the API: by build start, descending.
// Imports with the same build start, or without one, are ordered by number,
// descending.
func (d Dialect) compareImports(a, b *Import) int {
	switch {
	case a.BuildStart == nil && b.BuildStart == nil:
	case a.BuildStart == nil || b.BuildStart == nil:
		if (a.BuildStart == nil) == d.NotStartedFirst {
			return -1
		}
		return 1
	default:
		if c := b.BuildStart.Compare(*a.BuildStart); c != 0 {
			return c
		}
	}
	return cmp.Compare(b.Number, a.Number)
}

// importBody returns the body of a response with a single import.
func (s *Server) importBody(i *Import) wireImport {
	return s.dialect.importWhole(i, s.applications.find(i.ApplicationID))
}

// insert adds an import in the order of the numbers. mu is held.
func (s *Server) insert(i Import) *Import {
	i.ID = normalID(cmp.Or(i.ID, newGUID()))
	i.ApplicationID = normalID(i.ApplicationID)
	i.Number = cmp.Or(i.Number, s.lastNumber+1)
	s.lastNumber = max(s.lastNumber, i.Number)
	at, _ := slices.BinarySearchFunc(s.imports.rows, i.Number, func(have *Import, number int64) int {
		return cmp.Compare(have.Number, number)
	})
	s.imports.rows = slices.Insert(s.imports.rows, at, &i)
	s.notify()
	return &i
}

// Imports returns the imports by number, ascending.
func (s *Server) Imports() []Import { return copies(s, &s.imports.rows) }

// Import returns the import with the ID and whether it exists.
func (s *Server) Import(id string) (Import, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.imports.find(id)
	if i == nil {
		return Import{}, false
	}
	return *i, true
}

// AddImport adds an import that was not staged over the API and returns it as
// stored.
//
// Defaults are a random ID, the next number, the first application, type
// Scheduled, createdBy System and status Finished. A Finished or Failed import
// without a build start is given a start a minute ago, an end now, and metrics
// or a log. The build job continues a Pending, Running or Canceling import; any
// other status stays.
func (s *Server) AddImport(i Import) Import {
	s.mu.Lock()
	defer s.mu.Unlock()
	i.Type = cmp.Or(i.Type, TypeScheduled)
	i.Status = cmp.Or(i.Status, StatusFinished)
	i.CreatedBy = cmp.Or(i.CreatedBy, "System")
	if i.ApplicationID == "" && len(s.applications.rows) > 0 {
		i.ApplicationID = s.applications.rows[0].ID
	}
	added := s.insert(i)
	if added.BuildStart != nil || added.Status != StatusFinished && added.Status != StatusFailed {
		return *added
	}
	now := time.Now().UTC()
	start := now.Add(-time.Minute)
	added.BuildStart = &start
	added.BuildEnd = cmp.Or(added.BuildEnd, &now)
	switch {
	case added.Status == StatusFailed && added.Log == "":
		added.logFailure(s.applications.find(added.ApplicationID), start, *added.BuildEnd)
	case added.Status == StatusFinished && added.Metrics == nil:
		added.Metrics = metrics(added)
	}
	return *added
}

// UpdateImport changes an import, except for its ID and number, without the
// API, for example to pause it, and reports whether the ID exists. The build
// job ignores an import with an undocumented status until the status changes
// again.
func (s *Server) UpdateImport(id string, change func(*Import)) bool {
	return update(s, &s.imports, id, change)
}

// RemoveImport removes an import, like retention, and reports whether the ID
// existed.
func (s *Server) RemoveImport(id string) bool { return remove(s, &s.imports, id) }
