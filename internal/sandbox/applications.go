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
	s.mu.Lock()
	defer s.mu.Unlock()
	a = a.clone()
	a.ID = normalID(cmp.Or(a.ID, newGUID()))
	a.Name = cmp.Or(a.Name, "Application "+a.ID[:min(8, len(a.ID))])
	a.Priority = cmp.Or(a.Priority, "None")
	if a.LastUpdated.IsZero() {
		a.LastUpdated = time.Now().UTC()
	}
	for i, g := range a.FileGroups {
		a.FileGroups[i].ID = normalID(cmp.Or(g.ID, newGUID()))
	}
	if old := s.application(a.ID); old != nil {
		*old = a
	} else {
		s.applications = append(s.applications, &a)
	}
	s.notify()
	return a.clone()
}

// UpdateApplication changes an application and reports whether the ID exists.
// change cannot change the ID.
func (s *Server) UpdateApplication(id string, change func(*Application)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.application(id)
	if a == nil {
		return false
	}
	changed := a.clone()
	change(&changed)
	changed = changed.clone()
	changed.ID = a.ID
	*a = changed
	s.notify()
	return true
}

// RemoveApplication removes an application and reports whether the ID existed.
// Its imports stay, without an application.
func (s *Server) RemoveApplication(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.applications)
	s.applications = slices.DeleteFunc(s.applications, func(a *Application) bool { return a.ID == normalID(id) })
	s.notify()
	return len(s.applications) < before
}

// Applications returns the applications in the order they were added.
func (s *Server) Applications() []Application {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Application, len(s.applications))
	for i, a := range s.applications {
		all[i] = a.clone()
	}
	return all
}

// application returns the application with the ID, or nil. mu is held.
func (s *Server) application(id string) *Application {
	for _, a := range s.applications {
		if a.ID == normalID(id) {
			return a
		}
	}
	return nil
}

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
	a := s.application(id)
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
	sorted := slices.Clone(s.applications)
	slices.SortStableFunc(sorted, func(a, b *Application) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return pageOf(s.dialect, c.query, sorted, func(a *Application) any { return s.dialect.application(a) })
}

func (s *Server) getApplication(c *call) response {
	a := s.application(c.route.id)
	if a == nil {
		return notFound("Application", c.route.id)
	}
	var last *Import
	for _, i := range s.imports {
		if i.ApplicationID == a.ID {
			last = i
		}
	}
	return jsonResponse(http.StatusOK, s.dialect.applicationDetails(a, last))
}
