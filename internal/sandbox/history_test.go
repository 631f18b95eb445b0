package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestAddImport(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	i := s.AddImport(sandbox.Import{})
	if !guid.MatchString(i.ID) || i.Number != 1 || i.Type != "Scheduled" || i.Status != "Finished" ||
		i.CreatedBy != "System" || i.ApplicationID != coreID || i.Metrics == nil ||
		i.BuildStart == nil || i.BuildEnd.Sub(*i.BuildStart) != time.Minute {
		t.Errorf("filled in: %+v", i)
	}
	if got, ok := s.Import(strings.ToUpper(i.ID)); !ok || cmp.Diff(i, got) != "" {
		t.Errorf("got %+v", got)
	}
	failed := s.AddImport(sandbox.Import{Status: "Failed", Number: 7})
	if !strings.Contains(failed.Log, "failed: Login failed") || failed.Metrics != nil {
		t.Errorf("failed: %+v", failed)
	}
	end := updated
	kept := s.AddImport(sandbox.Import{Status: "Failed", BuildEnd: &end, Log: "own"})
	if kept.Number != 8 || kept.Log != "own" || !kept.BuildEnd.Equal(updated) {
		t.Errorf("kept: %+v", kept)
	}
	if early := s.AddImport(sandbox.Import{Number: 3}); early.Number != 3 {
		t.Errorf("early: %+v", early)
	}
	if pending := s.AddImport(sandbox.Import{Status: "Pending"}); pending.Number != 9 || pending.BuildStart != nil {
		t.Errorf("pending: %+v", pending)
	}
	var numbers []int64
	for _, i := range s.Imports() {
		numbers = append(numbers, i.Number)
	}
	if diff := cmp.Diff([]int64{1, 3, 7, 8, 9}, numbers); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func TestUpdateImport(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	i := s.AddImport(sandbox.Import{})
	start := updated
	if !s.UpdateImport(strings.ToUpper(i.ID), func(i *sandbox.Import) {
		i.ID, i.Number, i.Status, i.BuildStart = "changed", 99, "Paused", &start
	}) {
		t.Error("not found")
	}
	start = time.Time{} // the server has a copy
	got, _ := s.Import(i.ID)
	if got.Number != 1 || got.Status != "Paused" || !got.BuildStart.Equal(updated) {
		t.Errorf("got %+v", got)
	}
	*got.BuildStart = time.Time{}
	if again, _ := s.Import(i.ID); !again.BuildStart.Equal(updated) {
		t.Error("a test's change to its copy reached the server")
	}
	if s.UpdateImport(unknownID, func(*sandbox.Import) { t.Error("called") }) {
		t.Error("updated an import that is not there")
	}
	if _, ok := s.Import(unknownID); ok {
		t.Error("found an import that is not there")
	}
}

func TestMetricsMustBeJSON(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	i := s.AddImport(sandbox.Import{Metrics: []byte("{")})
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	get(s, "/api/application-imports/"+i.ID)
}
