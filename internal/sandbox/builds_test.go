package sandbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// A build takes a minute, and one is built at a time. Each case stages some
// imports of the core application and lets time pass.
func TestBuilds(t *testing.T) {
	type step struct {
		after time.Duration
		do    func(s *sandbox.Server, first, last string) // after the time
		want  string
	}
	setFirst := func(status string) func(*sandbox.Server, string, string) {
		return func(s *sandbox.Server, first, _ string) {
			s.UpdateImport(first, func(i *sandbox.Import) { i.Status = status })
		}
	}
	cancelFirst := func(s *sandbox.Server, first, _ string) { cancel(s, first) }
	cancelLast := func(s *sandbox.Server, _, last string) { cancel(s, last) }

	for name, tc := range map[string]struct {
		imports int
		steps   []step
	}{
		"one at a time": {3, []step{
			{0, nil, "Running Pending Pending"},
			{time.Minute - 1, nil, "Running Pending Pending"},
			{1, nil, "Finished Running Pending"},
			{time.Minute, nil, "Finished Finished Running"},
			{time.Minute, nil, "Finished Finished Finished"},
		}},
		"canceling waits for the queue": {2, []step{
			{time.Second, cancelLast, "Running Canceling"},
			{58 * time.Second, nil, "Running Canceling"},
			{time.Second, nil, "Finished Canceled"},
		}},
		"canceling ends a running build": {2, []step{{time.Second, cancelFirst, "Canceled Running"}}},
		"another status is ignored until it changes": {2, []step{
			{0, setFirst("Paused"), "Paused Running"},
			{time.Hour, nil, "Paused Finished"},
			{0, setFirst("Running"), "Running Finished"},
			{time.Minute, setFirst("Paused"), "Paused Finished"},
			{0, cancelFirst, "Canceled Finished"},
		}},
		"a running import is removed": {2, []step{
			{time.Second, func(s *sandbox.Server, first, _ string) { s.RemoveImport(strings.ToUpper(first)) }, "Running"},
		}},
		"held": {3, []step{
			{0, func(s *sandbox.Server, _, _ string) { s.HoldBuilds() }, "Running Pending Pending"},
			{time.Hour, cancelLast, "Running Pending Canceling"},
			{0, func(s *sandbox.Server, _, _ string) { s.StepBuild() }, "Finished Pending Canceling"},
			{0, func(s *sandbox.Server, _, _ string) { s.StepBuild() }, "Finished Running Canceling"},
			{time.Hour, func(s *sandbox.Server, _, _ string) { s.ReleaseBuilds() }, "Finished Finished Canceled"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t, sandbox.Options{BuildTime: time.Minute})
				for range tc.imports {
					stage(t, s, coreID)
				}
				all := s.Imports()
				for n, step := range tc.steps {
					after(step.after)
					if step.do != nil {
						step.do(s, all[0].ID, all[tc.imports-1].ID)
						synctest.Wait()
					}
					wantStatuses(t, s, fmt.Sprint("step ", n), step.want)
				}
			})
		})
	}
}

func TestBuilds_record(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		short := time.Second
		app := fileApplication()
		app.BuildTime = &short
		s := newServer(t, sandbox.Options{BuildTime: time.Minute, Applications: []sandbox.Application{coreApplication(), app}})
		begin := time.Now()
		stage(t, s, coreID)
		stage(t, s, fileID)
		running, waiting := stage(t, s, coreID), stage(t, s, coreID)
		after(62 * time.Second)
		cancel(s, waiting.ID)
		cancel(s, running.ID)
		after(time.Hour)
		wantStatuses(t, s, "in the end", "Finished Finished Canceled Canceled")

		all := s.Imports()
		i := all[0]
		if !i.BuildStart.Equal(begin) || !i.BuildEnd.Equal(begin.Add(time.Minute)) ||
			!json.Valid(i.Metrics) || !strings.Contains(i.Log, "started") || !strings.HasSuffix(i.Log, "Import #1 finished") {
			t.Errorf("finished: %+v", i)
		}
		if i := all[1]; i.BuildEnd.Sub(*i.BuildStart) != short {
			t.Errorf("with its own build time: %+v", i)
		}
		if i := all[2]; i.BuildEnd.Sub(*i.BuildStart) != time.Second || !strings.HasSuffix(i.Log, "was canceled") {
			t.Errorf("canceled while it was running: %+v", i)
		}
		if i := all[3]; i.BuildStart != nil || i.BuildEnd != nil {
			t.Errorf("it never started: %+v", i)
		}
	})
}

func TestBuilds_fail(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	s.UpdateApplication(coreID, func(a *sandbox.Application) { a.FailBuilds = true })
	s.UpdateApplication(fileID, func(a *sandbox.Application) { a.FailBuilds, a.FailLog = true, "my own log" })
	stage(t, s, coreID)
	stage(t, s, fileID)
	s.UpdateImport(stage(t, s, coreID).ID, func(i *sandbox.Import) { i.ApplicationID = unknownID })
	s.ReleaseBuilds()
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantStatuses(t, s, "in the end", "Failed Failed Failed")
	all := s.Imports()
	if all[0].BuildEnd == nil || all[0].Metrics != nil || strings.Count(all[0].Log, "\n") < 3 || all[1].Log != "my own log" ||
		!strings.Contains(all[2].Log, "was removed") {
		t.Errorf("got %+v", all)
	}
}
