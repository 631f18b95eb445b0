package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// AddApplication adds an application, or replaces the one with the same ID, and
// returns it as stored. Defaults are a random ID, a name derived from the ID,
// the priority None and now as the last update. IDs are converted to lower
// case.
func (s *Server) AddApplication(a Application) Application {
	a.ID = normalID(cmp.Or(a.ID, newGUID()))
	a.Name = cmp.Or(a.Name, "Application "+a.ID[:min(8, len(a.ID))])
	a.Priority = cmp.Or(a.Priority, "None")
	a.LastUpdated = cmp.Or(a.LastUpdated, time.Now())
	a.FileGroups = slices.Clone(a.FileGroups)
	for i, g := range a.FileGroups {
		a.FileGroups[i].ID = normalID(cmp.Or(g.ID, newGUID()))
	}
	return put(s, &s.applications, a)
}

// UpdateApplication changes an application, except for its ID, and reports
// whether the ID exists.
func (s *Server) UpdateApplication(id string, change func(*Application)) bool {
	return update(s, &s.applications, id, change)
}

// RemoveApplication removes an application and reports whether the ID existed.
// Its imports stay, without an application.
func (s *Server) RemoveApplication(id string) bool { return remove(s, &s.applications, id) }

// Applications returns the applications in the order they were added.
func (s *Server) Applications() []Application { return copies(s, &s.applications.rows) }

// importable returns the application, or the error response if it cannot be
// imported. mu is held.
func (s *Server) importable(id string) (*Application, *response) {
	const field = "applicationId"
	switch {
	case id == "":
		return nil, refusal(invalidField(field, "Application id is required"))
	case !isGUID(id):
		return nil, refusal(invalidField(field, "Application id is not a valid GUID"))
	}
	a := s.applications.find(id)
	switch {
	case a == nil:
		return nil, refusal(invalidField(field, "Application not found"))
	case a.IsArchived:
		return nil, refusal(invalidField(field, "Application is archived"))
	case a.Problem == NoConnector:
		return nil, refusal(unprocessable("The application's connector is not available"))
	case a.Problem == CreationFailed:
		return nil, refusal(envelope(http.StatusInternalServerError, codeCreationFailed, "The application import could not be created"))
	}
	return a, nil
}

func (s *Server) listApplications(c *call) response {
	sorted := slices.SortedStableFunc(slices.Values(s.applications.rows), func(a, b *Application) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return pageOf(s.dialect, c.query, sorted, func(a *Application) any { return s.dialect.application(a) })
}

// getApplication leaves out the "connector configuration and last import
// status", because the documentation does not name the fields.
func (s *Server) getApplication(c *call) response {
	return one(c, &s.applications, "Application", func(a *Application) any { return s.dialect.application(a) })
}
