// Command recording turns what a program prints into an SVG that plays it, for
// the README: "make record". It reads the output from standard input as it
// comes, colors included, and writes the SVG to standard output.
//
// It imports nothing of this repository and nothing but the standard library.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// line is a line of output and when it came, from the start of the recording.
type line struct {
	text string
	at   time.Duration
}

func main() {
	title := flag.String("title", "", "what stands in the window's title bar, and is read out to who cannot see the recording")
	flag.Parse()

	lines, err := read(io.TeeReader(os.Stdin, os.Stderr), time.Now)
	if err == nil {
		_, err = os.Stdout.WriteString(render(*title, paced(lines)))
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "recording:", err)
		os.Exit(1)
	}
}

// read notes when each line came.
func read(r io.Reader, now func() time.Time) ([]line, error) {
	var lines []line

	start := now()
	scanner := bufio.NewScanner(r)

	for scanner.Scan() {
		lines = append(lines, line{strings.TrimRight(scanner.Text(), "\r"), now().Sub(start)})
	}

	return lines, scanner.Err()
}

const (
	// A line is never hurried past the eye, and nobody watches a program do nothing for long.
	shortest = 30 * time.Millisecond
	longest  = 1200 * time.Millisecond
	// What a step of the demo has shown stays for a while before the next.
	hold = 2 * time.Second
)

// paced makes the times those of a recording that people watch: no pause is
// longer or shorter than it has to be, but for the one before a new step.
func paced(lines []line) []line {
	var (
		all  = make([]line, len(lines))
		came time.Duration
		at   time.Duration
	)

	for i, l := range lines {
		at += min(max(l.at-came, shortest), longest)
		if i > 0 && strings.Contains(l.text, "=== ") {
			at += hold
		}

		came = l.at
		all[i] = line{l.text, at}
	}

	return all
}
