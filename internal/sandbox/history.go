package sandbox

import (
	"cmp"
	"time"
)

// Imports returns the imports by number, ascending.
func (s *Server) Imports() []Import {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Import, len(s.imports))
	for n, i := range s.imports {
		all[n] = i.clone()
	}
	return all
}

// Import returns the import with that ID and whether there is one.
func (s *Server) Import(id string) (Import, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(id)
	if i == nil {
		return Import{}, false
	}
	return i.clone(), true
}

// AddImport adds an import that nobody asked for over the API and returns it as
// the server has it.
//
// What is empty is filled in: a random ID, the next number, the first
// application, type Scheduled, createdBy System, status Finished. A Finished or
// Failed import without a build start gets one a minute ago and an end now, and
// metrics or a log of the kind a build leaves. A Pending, Running or Canceling
// import is the build job's to go on with; any other status stays.
func (s *Server) AddImport(i Import) Import {
	s.mu.Lock()
	defer s.mu.Unlock()
	i = i.clone()
	i.Type = cmp.Or(i.Type, TypeScheduled)
	i.Status = cmp.Or(i.Status, StatusFinished)
	i.CreatedBy = cmp.Or(i.CreatedBy, "System")
	if i.ApplicationID == "" && len(s.applications) > 0 {
		i.ApplicationID = s.applications[0].ID
	}
	added := s.insert(i)
	if built := added.Status == StatusFinished || added.Status == StatusFailed; built && added.BuildStart == nil {
		s.fillHistory(added, time.Now().UTC())
	}
	return added.clone()
}

func (s *Server) fillHistory(i *Import, now time.Time) {
	start := now.Add(-time.Minute)
	i.BuildStart = &start
	if i.BuildEnd == nil {
		i.BuildEnd = &now
	}
	switch {
	case i.Status == StatusFailed && i.Log == "":
		i.Log = failLog(i, s.application(i.ApplicationID), start, *i.BuildEnd)
	case i.Status == StatusFinished && i.Metrics == nil:
		i.Metrics = metrics(i)
	}
}

// UpdateImport changes an import behind the API's back (drift, a paused import
// and the like) and reports whether there is one with that ID. ID and number
// cannot be changed. The build job takes what it finds: an import set to a
// status that is not documented is left alone until its status is set again.
func (s *Server) UpdateImport(id string, change func(*Import)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(id)
	if i == nil {
		return false
	}
	changed := i.clone()
	change(&changed)
	changed = changed.clone()
	changed.ID, changed.Number = i.ID, i.Number
	changed.ApplicationID = normalID(changed.ApplicationID)
	*i = changed
	s.notify()
	return true
}

// RemoveImport removes an import, as retention does, and reports whether there
// was one with that ID.
func (s *Server) RemoveImport(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drop(func(i *Import) bool { return i.ID == normalID(id) })
}
