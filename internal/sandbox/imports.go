package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
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
	return s.importResponse(http.StatusCreated, i)
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
	i := s.find(id)
	switch {
	case i == nil:
		return notFound("Application import", id)
	case i.ended() || i.Status == StatusCanceling:
		return envelope(http.StatusConflict, codeConflict,
			fmt.Sprintf("Application import %d cannot be canceled: it is %s", i.Number, i.Status))
	}
	i.Status = StatusCanceling
	s.notify()
	return s.importResponse(http.StatusOK, i)
}

func (s *Server) getImport(c *call) response {
	i := s.find(c.route.id)
	if i == nil {
		return notFound("Application import", c.route.id)
	}
	return s.importResponse(http.StatusOK, i)
}

func (s *Server) listImports(c *call) response {
	id := c.query.Get("applicationId")
	if id != "" && !isGUID(id) {
		return invalidField("applicationId", "Application id is not a valid GUID")
	}
	var wanted []*Import
	for _, i := range s.imports {
		if id == "" || i.ApplicationID == normalID(id) {
			wanted = append(wanted, i)
		}
	}
	slices.SortFunc(wanted, s.dialect.compareImports)
	return pageOf(s.dialect, c.query, wanted, func(i *Import) any {
		return s.dialect.importItem(i, s.application(i.ApplicationID))
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

func (s *Server) importResponse(status int, i *Import) response {
	return jsonResponse(status, s.dialect.importWhole(i, s.application(i.ApplicationID)))
}

// find returns the import with the ID, or nil. mu is held.
func (s *Server) find(id string) *Import {
	for _, i := range s.imports {
		if i.ID == normalID(id) {
			return i
		}
	}
	return nil
}

// insert adds an import in the order of the numbers. mu is held.
func (s *Server) insert(i Import) *Import {
	i.ID = normalID(cmp.Or(i.ID, newGUID()))
	i.ApplicationID = normalID(i.ApplicationID)
	if i.Number == 0 {
		i.Number = s.lastNumber + 1
	}
	s.lastNumber = max(s.lastNumber, i.Number)
	at, _ := slices.BinarySearchFunc(s.imports, i.Number, func(have *Import, number int64) int {
		return cmp.Compare(have.Number, number)
	})
	s.imports = slices.Insert(s.imports, at, &i)
	s.notify()
	return &i
}

// drop removes imports. mu is held.
func (s *Server) drop(unwanted func(*Import) bool) bool {
	before := len(s.imports)
	s.imports = slices.DeleteFunc(s.imports, unwanted)
	if s.building != nil && s.find(s.building.ID) == nil {
		s.building = nil
	}
	s.notify()
	return len(s.imports) < before
}
