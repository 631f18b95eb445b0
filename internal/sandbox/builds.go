package sandbox

import (
	"context"
	"time"
)

// HoldBuilds pauses the build job: until ReleaseBuilds, no import changes its
// status, not even a running import or an import in status Canceling. StepBuild
// moves one import.
func (s *Server) HoldBuilds() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = true
}

// ReleaseBuilds resumes the build job. A build whose time has passed ends
// immediately.
func (s *Server) ReleaseBuilds() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = false
	s.notify()
}

// StepBuild makes the build job's next move now: Pending to Running; Running to
// Finished or Failed, without waiting for the build time; or Canceling to
// Canceled. It is meant to be called while builds are held.
func (s *Server) StepBuild() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step(time.Now().UTC(), true)
}

// Settle waits until the build job is idle: no import is Pending, Running or
// Canceling. It returns an error if ctx ends or the server is closed first.
func (s *Server) Settle(ctx context.Context) error {
	return s.await(ctx, func() bool { return s.nextBuild() == nil })
}

// runBuilds is the build job. It builds one import at a time.
func (s *Server) runBuilds() {
	for {
		s.mu.Lock()
		due := s.advance(time.Now().UTC())
		changed := s.changed // after advance, so that its own moves do not wake it
		s.mu.Unlock()

		var ready <-chan time.Time
		if !due.IsZero() {
			ready = time.After(time.Until(due))
		}
		select {
		case <-ready:
		case <-changed:
		case <-s.done:
			return
		}
	}
}

// advance makes all moves that are due and returns when the next one is due, or
// the zero time if no move is scheduled. mu is held.
func (s *Server) advance(now time.Time) time.Time {
	for !s.held {
		if moved, due := s.step(now, false); !moved {
			return due
		}
	}
	return time.Time{}
}

// step makes one move and reports whether it did. If no move is due, it also
// returns when the next one is. With force, a build ends early. mu is held.
func (s *Server) step(now time.Time, force bool) (moved bool, due time.Time) {
	i := s.nextBuild()
	if i == nil {
		return false, time.Time{}
	}
	if i.Status != StatusCanceling && s.building != i {
		s.building = i
		s.buildDue = now.Add(s.buildTimeOf(i))
	}
	switch {
	case i.Status == StatusCanceling:
		s.endCanceled(i, now)
	case i.Status == StatusPending:
		i.Status = StatusRunning
		i.BuildStart = &now
		if a := s.applications.find(i.ApplicationID); a != nil {
			i.addLog(now, "INF", "Import #%d of %s started", i.Number, a.Name)
		}
	case !force && now.Before(s.buildDue):
		return false, s.buildDue
	default:
		s.endBuild(i, now)
	}
	s.notify()
	return true, time.Time{}
}

// nextBuild returns the import that the build job works on, or the next one: a
// running import, otherwise the lowest number. mu is held.
func (s *Server) nextBuild() *Import {
	// A test may have paused, ended or removed the import.
	if i := s.building; i != nil && s.imports.find(i.ID) == i && (i.Status == StatusRunning || i.Status == StatusCanceling) {
		return i
	}
	s.building = nil
	var next *Import
	for _, i := range s.imports.rows {
		switch i.Status {
		case StatusRunning:
			return i
		case StatusPending, StatusCanceling:
			if next == nil {
				next = i
			}
		}
	}
	return next
}

func (s *Server) buildTimeOf(i *Import) time.Duration {
	if a := s.applications.find(i.ApplicationID); a != nil && a.BuildTime != nil {
		return *a.BuildTime
	}
	return s.buildTime
}

// endCanceled ends an import that is being canceled. An import that never
// started has no build end.
func (s *Server) endCanceled(i *Import, now time.Time) {
	i.Status = StatusCanceled
	if i.BuildStart != nil {
		i.BuildEnd = &now
		i.addLog(now, "WRN", "Import #%d was canceled", i.Number)
	}
	s.building = nil
}

func (s *Server) endBuild(i *Import, now time.Time) {
	a := s.applications.find(i.ApplicationID)
	s.building = nil
	i.BuildEnd = &now
	if i.BuildStart == nil { // a test set it to Running
		i.BuildStart = &now
	}
	if a == nil || a.FailBuilds {
		i.Status = StatusFailed
		i.logFailure(a, *i.BuildStart, now)
		return
	}
	i.Status = StatusFinished
	i.Metrics = metrics(i)
	i.addLog(now, "INF", "Read %d accounts", accounts(i))
	i.addLog(now, "INF", "Import #%d finished", i.Number)
}
