package sandbox_test

import (
	"slices"
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
		i.CreatedBy != "System" || i.ApplicationID != coreID || i.Metrics == nil || i.BuildEnd.Sub(*i.BuildStart) != time.Minute {
		t.Errorf("filled in: %+v", i)
	}
	if got, ok := s.Import(strings.ToUpper(i.ID)); !ok || cmp.Diff(i, got) != "" {
		t.Errorf("got %+v", got)
	}
	failed := s.AddImport(sandbox.Import{Status: "Failed", Number: 7})
	if !strings.Contains(failed.Log, "failed") || failed.Metrics != nil {
		t.Errorf("failed: %+v", failed)
	}
	end := updated
	kept := s.AddImport(sandbox.Import{Status: "Failed", BuildEnd: &end, Log: "own"})
	if kept.Log != "own" || !kept.BuildEnd.Equal(updated) {
		t.Errorf("kept: %+v", kept)
	}
	s.AddImport(sandbox.Import{Number: 3})
	if pending := s.AddImport(sandbox.Import{Status: "Pending"}); pending.BuildStart != nil {
		t.Errorf("pending: %+v", pending)
	}
	var numbers []int64
	for _, i := range s.Imports() {
		numbers = append(numbers, i.Number)
	}
	if want := []int64{1, 3, 7, 8, 9}; !slices.Equal(numbers, want) {
		t.Errorf("the numbers are %v, want %v", numbers, want)
	}
}

// The server has copies: changing a test's values does not change the server.
func TestUpdateImport(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	i := s.AddImport(sandbox.Import{})
	start := updated
	pause := func(i *sandbox.Import) { i.ID, i.Number, i.Status, i.BuildStart = "changed", 99, "Paused", &start }
	if !s.UpdateImport(strings.ToUpper(i.ID), pause) || s.UpdateImport(unknownID, pause) {
		t.Error("not one was updated")
	}
	start = time.Time{}
	got, _ := s.Import(i.ID)
	*got.BuildStart = time.Time{}
	if got, _ := s.Import(i.ID); got.Number != 1 || got.Status != "Paused" || !got.BuildStart.Equal(updated) {
		t.Errorf("got %+v", got)
	}
	if !s.RemoveImport(strings.ToUpper(i.ID)) || s.RemoveImport(i.ID) {
		t.Error("not removed once")
	}
	if _, ok := s.Import(i.ID); ok {
		t.Error("found an import that was removed")
	}
}
