package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// statuses returns the statuses of all imports, by number.
func statuses(s *sandbox.Server) string {
	var all []string
	for _, i := range s.Imports() {
		all = append(all, i.Status)
	}
	return strings.Join(all, " ")
}

// after lets time pass and waits for the build job.
func after(d time.Duration) {
	<-time.After(d) // fake time: it is only called in synctest bubbles
	synctest.Wait()
}

func TestOneBuildAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		short := time.Second
		app := fileApplication()
		app.BuildTime = &short
		s := newServer(t, sandbox.Options{
			BuildTime: time.Minute, Applications: []sandbox.Application{coreApplication(), app},
		})
		begin := time.Now()
		first := stage(t, s, coreID)
		stage(t, s, coreID)
		last := s.AddImport(sandbox.Import{Status: "Pending", ApplicationID: fileID})
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{0, "Running Pending Pending"},
			{time.Minute - 1, "Running Pending Pending"},
			{1, "Finished Running Pending"},
			{time.Minute, "Finished Finished Running"},
			{time.Second, "Finished Finished Finished"},
		} {
			after(step.after)
			if got := statuses(s); got != step.want {
				t.Errorf("after %v: %s, want %s", time.Since(begin), got, step.want)
			}
		}

		i, _ := s.Import(first.ID)
		if !i.BuildStart.Equal(begin) || !i.BuildEnd.Equal(begin.Add(time.Minute)) {
			t.Errorf("built from %v to %v", i.BuildStart, i.BuildEnd)
		}
		var metrics map[string]any
		if err := json.Unmarshal(i.Metrics, &metrics); err != nil || len(metrics) == 0 {
			t.Errorf("metrics are %s: %v", i.Metrics, err)
		}
		if !strings.HasSuffix(i.Log, "Import #1 finished") || !strings.Contains(i.Log, "Jack Henry Silverlake started") {
			t.Errorf("log is %s", i.Log)
		}
		if i, _ := s.Import(last.ID); i.BuildEnd.Sub(*i.BuildStart) != time.Second {
			t.Errorf("built from %v to %v", i.BuildStart, i.BuildEnd)
		}
	})
}

func TestBuildFails(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	s.UpdateApplication(coreID, func(a *sandbox.Application) { a.FailBuilds = true })
	s.UpdateApplication(fileID, func(a *sandbox.Application) { a.FailBuilds, a.FailLog = true, "my own log" })
	plausible, own := stage(t, s, coreID), stage(t, s, fileID)
	settle(t, s)

	i, _ := s.Import(plausible.ID)
	if i.Status != "Failed" || i.BuildEnd == nil || i.Metrics != nil || strings.Count(i.Log, "\n") < 3 ||
		!strings.HasSuffix(i.Log, "Import #1 failed: Login failed for user 'svc_permissionassist'") {
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
	if i, _ := s.Import(removed.ID); i.Status != "Failed" || !strings.HasSuffix(i.Log, "The application was removed") {
		t.Errorf("got %+v", i)
	}
}

func TestCancelWaitsForTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{BuildTime: time.Minute})
		stage(t, s, coreID)
		waiting := stage(t, s, coreID)
		after(time.Second)
		cancel(s, waiting.ID)
		after(58 * time.Second)
		if got := statuses(s); got != "Running Canceling" {
			t.Errorf("got %s", got)
		}
		after(time.Second)
		if got := statuses(s); got != "Finished Canceled" {
			t.Errorf("got %s", got)
		}
		if i, _ := s.Import(waiting.ID); i.BuildStart != nil || i.BuildEnd != nil {
			t.Errorf("it never started, got %+v", i)
		}
	})
}

func TestCancelEndsARunningBuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{BuildTime: time.Hour})
		running := stage(t, s, coreID)
		stage(t, s, coreID)
		after(time.Second)
		cancel(s, running.ID)
		synctest.Wait()
		if got := statuses(s); got != "Canceled Running" {
			t.Errorf("got %s", got)
		}
		i, _ := s.Import(running.ID)
		if i.BuildEnd.Sub(*i.BuildStart) != time.Second || !strings.HasSuffix(i.Log, "was canceled") {
			t.Errorf("got %+v", i)
		}
	})
}

func TestHoldAndStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := heldServer(t, sandbox.Options{BuildTime: time.Minute})
		if _, ok := s.StepBuild(); ok {
			t.Error("moved an import, but there is none")
		}
		first := stage(t, s, coreID)
		stage(t, s, coreID)
		third := stage(t, s, coreID)
		after(time.Hour)
		cancel(s, third.ID)
		if got := statuses(s); got != "Pending Pending Canceling" {
			t.Errorf("held: %s", got)
		}
		for _, want := range []string{
			"Running Pending Canceling", "Finished Pending Canceling", "Finished Running Canceling",
		} {
			if i, ok := s.StepBuild(); !ok || i.ID == third.ID {
				t.Errorf("moved %v %+v", ok, i)
			}
			if got := statuses(s); got != want {
				t.Errorf("stepped to %s, want %s", got, want)
			}
		}
		wantStatus(t, s, first.ID, "Finished")

		// Time passed while builds were held.
		after(time.Hour)
		s.ReleaseBuilds()
		synctest.Wait()
		if got := statuses(s); got != "Finished Finished Canceled" {
			t.Errorf("released: %s", got)
		}
	})
}

func TestOtherStatusesAreIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{BuildTime: time.Minute})
		paused := stage(t, s, coreID)
		stage(t, s, coreID)
		synctest.Wait()
		set := func(status string) {
			s.UpdateImport(paused.ID, func(i *sandbox.Import) { i.Status = status })
			synctest.Wait()
		}
		set("Paused")
		after(time.Hour)
		settle(t, s) // does not wait for a paused import
		if got := statuses(s); got != "Paused Finished" {
			t.Errorf("got %s", got)
		}
		set("Running")
		after(time.Minute)
		if got := statuses(s); got != "Finished Finished" {
			t.Errorf("continued: %s", got)
		}

		set("Paused")
		cancel(s, paused.ID)
		synctest.Wait()
		if got := statuses(s); got != "Canceled Finished" {
			t.Errorf("canceled: %s", got)
		}
	})
}

func TestAddRunningImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{BuildTime: time.Minute})
		s.AddImport(sandbox.Import{Status: "Running"})
		after(time.Minute)
		i := s.Imports()[0]
		if i.Status != "Finished" || i.BuildStart == nil || i.BuildEnd == nil {
			t.Errorf("got %+v", i)
		}
	})
}

func TestRemoveRunningImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, sandbox.Options{BuildTime: time.Hour})
		removed, next := stage(t, s, coreID), stage(t, s, coreID)
		synctest.Wait()
		if !s.RemoveImport(strings.ToUpper(removed.ID)) || s.RemoveImport(removed.ID) {
			t.Error("not removed once")
		}
		synctest.Wait()
		wantStatus(t, s, next.ID, "Running")
	})
}

func TestRetention(t *testing.T) {
	for _, on := range []bool{false, true} {
		s := newServer(t, sandbox.Options{Retention: on})
		s.HoldBuilds()
		s.AddImport(sandbox.Import{Status: "Failed"})
		s.AddImport(sandbox.Import{Status: "Failed", ApplicationID: fileID})
		s.AddImport(sandbox.Import{Status: "Canceled"})
		s.AddImport(sandbox.Import{Status: "Finished"})
		stage(t, s, coreID)
		s.AddImport(sandbox.Import{Status: "Failed"})
		s.ReleaseBuilds()
		settle(t, s)
		want := "Failed Failed Canceled Finished Finished Failed"
		if on {
			want = "Failed Canceled Finished Finished Failed"
		}
		if got := statuses(s); got != want {
			t.Errorf("retention %v: %s, want %s", on, got, want)
		}
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
		if err := <-waited; !errors.Is(err, sandbox.ErrClosed) {
			t.Errorf("Settle: %v", err)
		}
		if got := get(s, "/api/applications"); got.status != 200 {
			t.Errorf("a closed server responds with %d", got.status)
		}
	})
}
