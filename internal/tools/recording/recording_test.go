package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

func wellFormed(t *testing.T, svg string) {
	t.Helper()

	decoder := xml.NewDecoder(strings.NewReader(svg))

	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}

		if err != nil {
			t.Fatalf("%v in:\n%s", err, svg)
		}
	}
}

func TestRender(t *testing.T) {
	t.Parallel()

	svg := render("a & b", []line{
		{"\x1b[1m\x1b[32m+\x1b[0m <create> \x1b[2K&", 0},
		{strings.Repeat("é", columns) + "wrapped", time.Second},
		{"", time.Second},
	})
	wellFormed(t, svg)

	for _, want := range []string{
		`aria-label="a &amp; b"`, `<tspan class="b c32">+</tspan> &lt;create&gt; `, ">wrapped</text>", "translateY(68px)",
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("%q is missing in:\n%s", want, svg)
		}
	}

	if strings.ContainsRune(svg, '\x1b') {
		t.Error("an escape sequence was left")
	}
}

func TestPaced(t *testing.T) {
	t.Parallel()

	got := paced([]line{{"a", 0}, {"b", time.Minute}, {"c", time.Minute}, {"=== d", time.Minute}})
	want := []time.Duration{shortest, shortest + longest, 2*shortest + longest, 3*shortest + longest + hold}

	for i := range want {
		if got[i].at != want[i] {
			t.Errorf("line %d comes at %s, want %s", i, got[i].at, want[i])
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()

	now := time.Unix(0, 0)
	lines, err := read(strings.NewReader("a\r\nb"), func() time.Time {
		now = now.Add(time.Second)

		return now
	})

	if err != nil || len(lines) != 2 || lines[0] != (line{"a", time.Second}) || lines[1] != (line{"b", 2 * time.Second}) {
		t.Errorf("read %v, %v", lines, err)
	}
}

// What the README shows is a recording that can be shown, small, and of a
// demo that worked.
func TestRecording(t *testing.T) {
	t.Parallel()

	svg, err := os.ReadFile("../demo/recording.svg")
	if err != nil {
		t.Fatal(err)
	}

	wellFormed(t, string(svg))

	if len(svg) > 64<<10 {
		t.Errorf("it has %d bytes", len(svg))
	}

	for _, want := range []string{"Plan: what would be done", "Creation complete", "No changes.", "Destroy complete!", "It all worked"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("%q is missing", want)
		}
	}
}
