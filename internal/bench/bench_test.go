package main

import (
	"strings"
	"testing"
	"time"
)

func TestMedians_ratiosAreOfTheSameRound(t *testing.T) {
	t.Parallel()

	// A machine that was four times as slow in the second round.
	rows := medians([][]line{
		{{name: "a", ours: time.Second, theirs: 2 * time.Second, other: "floor", memory: 3 << 20}},
		{{name: "a", ours: 4 * time.Second, theirs: 8 * time.Second, other: "floor", memory: 9 << 20}},
		{{name: "a", ours: 2 * time.Second, theirs: 1 * time.Second, other: "floor", memory: 5 << 20}},
	})
	if got, want := strings.Join(rows[0], "|"), "a|2.00 s|floor 2.00 s|0.50||5 MiB|"; got != want {
		t.Errorf("the row is %s, want %s", got, want)
	}
}

func TestRender(t *testing.T) {
	t.Parallel()

	got := render("Machine: one.", 3, [][]string{{"upload", "1.00 s", "curl 2.00 s", "0.50", "1 Upload", "23 MiB", ""}})
	for _, want := range []string{"median of 3 runs", "\n\nMachine: one.\n\n|", "| upload | 1.00 s | curl 2.00 s   | 0.50  | 1 Upload |"} {
		if !strings.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
}

func TestAlternate(t *testing.T) {
	t.Parallel()

	order := ""
	step := func(name string) func() error { return func() error { order += name; return nil } }
	for round := range 2 {
		if err := alternate(round, step("a"), step("b")); err != nil {
			t.Fatal(err)
		}
	}
	if order != "abba" {
		t.Errorf("the order is %s, want abba", order)
	}
}
