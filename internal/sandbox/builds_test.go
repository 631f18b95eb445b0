package sandbox_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func settle(t *testing.T, s *sandbox.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

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
					if got := statuses(s); got != step.want {
						t.Errorf("after step %d: %s, want %s", n, got, step.want)
					}
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
		synctest.Wait()
		s.AddImport(sandbox.Import{Status: "Pending", ApplicationID: fileID})
		running, waiting := stage(t, s, coreID), stage(t, s, coreID)
		s.AddImport(sandbox.Import{Status: "Running", ApplicationID: fileID})
		after(63 * time.Second)
		cancel(s, waiting.ID)
		cancel(s, running.ID)
		after(time.Hour)
		wantStatuses(t, s, "Finished", "Finished", "Canceled", "Canceled", "Finished")

		all := s.Imports()
		i := all[0]
		if !i.BuildStart.Equal(begin) || !i.BuildEnd.Equal(begin.Add(time.Minute)) {
			t.Errorf("built from %v to %v", i.BuildStart, i.BuildEnd)
		}
		if !json.Valid(i.Metrics) || !strings.Contains(i.Log, "started") || !strings.HasSuffix(i.Log, "Import #1 finished") {
			t.Errorf("the metrics are %s, the log is %s", i.Metrics, i.Log)
		}
		if i := all[1]; i.BuildEnd.Sub(*i.BuildStart) != short {
			t.Errorf("built from %v to %v", i.BuildStart, i.BuildEnd)
		}
		if i := all[2]; i.BuildEnd.Sub(*i.BuildStart) != time.Second || !strings.HasSuffix(i.Log, "was canceled") {
			t.Errorf("canceled while it was running: %+v", i)
		}
		if i := all[3]; i.BuildStart != nil || i.BuildEnd != nil {
			t.Errorf("it never started, got %+v", i)
		}
	})
}

func TestBuilds_fail(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	s.UpdateApplication(coreID, func(a *sandbox.Application) { a.FailBuilds = true })
	s.UpdateApplication(fileID, func(a *sandbox.Application) { a.FailBuilds, a.FailLog = true, "my own log" })
	plausible, own := stage(t, s, coreID), stage(t, s, fileID)
	settle(t, s)
	i, _ := s.Import(plausible.ID)
	if i.Status != "Failed" || i.BuildEnd == nil || i.Metrics != nil || strings.Count(i.Log, "\n") < 3 {
		t.Errorf("got %+v", i)
	}
	if i, _ := s.Import(own.ID); i.Status != "Failed" || i.Log != "my own log" {
		t.Errorf("got %+v", i)
	}

	s.HoldBuilds()
	removed := stage(t, s, coreID)
	s.RemoveApplication(coreID)
	s.ReleaseBuilds()
	settle(t, s)
	if i, _ := s.Import(removed.ID); i.Status != "Failed" || !strings.Contains(i.Log, "was removed") {
		t.Errorf("got %+v", i)
	}
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine is left
		s := sandbox.New(sandbox.Options{BuildTime: time.Hour, Applications: []sandbox.Application{coreApplication()}})
		stage(t, s, coreID)
		waited := make(chan error)
		go func() { waited <- s.Settle(context.Background()) }()
		synctest.Wait()
		s.Close()
		s.Close()
		if err := <-waited; err == nil {
			t.Error("Settle returned no error")
		}
		if got := get(s, "/api/applications"); got.status != 200 {
			t.Errorf("a closed server responds with %d", got.status)
		}
	})
}
