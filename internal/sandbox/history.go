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

// Import returns the import with the ID and whether it exists.
func (s *Server) Import(id string) (Import, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(id)
	if i == nil {
		return Import{}, false
	}
	return i.clone(), true
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

// UpdateImport changes an import without the API, for example to pause it, and
// reports whether the ID exists. change cannot change the ID and the number.
// The build job ignores an import with an undocumented status until the status
// changes again.
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

// RemoveImport removes an import, like retention, and reports whether the ID
// existed.
func (s *Server) RemoveImport(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drop(func(i *Import) bool { return i.ID == normalID(id) })
}
