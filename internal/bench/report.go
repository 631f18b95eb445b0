package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Report is the result of a run.
type Report struct {
	Machine  [][2]string
	Runs     int
	Sections []Section
}

// Section is a table. If it was skipped, it has no rows, and its Note explains why.
type Section struct {
	Title, Note string
	Header      []string
	Rows        [][]string
}

// The verdicts next to a goal.
const (
	goalMet    = "met"
	goalMissed = "**missed**"
)

func met(ok bool) string {
	if ok {
		return goalMet
	}
	return goalMissed
}

// Missed returns how many goals were missed.
func (r *Report) Missed() int {
	n := 0
	for _, s := range r.Sections {
		for _, row := range s.Rows {
			for _, cell := range row {
				if cell == goalMissed {
					n++
				}
			}
		}
	}
	return n
}

// Write writes the report as Markdown with aligned columns.
func (r *Report) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# What the provider costs\n\nWritten by `make bench`. Times are medians of %d runs, ratios are medians of the ratios "+
		"within each run: what is\ncompared runs alternately. The package's documentation says more.\n\n", r.Runs)
	machine := make([][]string, 0, len(r.Machine))
	for _, m := range r.Machine {
		machine = append(machine, m[:])
	}
	writeTable(&b, []string{"measured with", ""}, machine)
	for _, s := range r.Sections {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", s.Title, wrap(s.Note, 120))
		if len(s.Rows) > 0 {
			b.WriteString("\n")
			writeTable(&b, s.Header, s.Rows)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeTable(b *strings.Builder, header []string, rows [][]string) {
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 1)
		}
	}
	line := func(cells []string, fill string) {
		for i, cell := range cells {
			b.WriteString("|" + fill + cell + strings.Repeat(cmp.Or(fill, " "), widths[i]-utf8.RuneCountInString(cell)) + fill)
		}
		b.WriteString("|\n")
	}
	line(header, " ")
	line(make([]string, len(header)), "-")
	for _, row := range rows {
		line(row, " ")
	}
}

// wrap breaks a text into lines of at most width characters.
func wrap(text string, width int) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n")
			at = 0
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}

func median[T cmp.Ordered](all []T) T {
	if len(all) == 0 {
		var zero T
		return zero
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// medianRatio is the median of a[i] / b[i].
func medianRatio(a, b []time.Duration) float64 {
	ratios := make([]float64, 0, len(a))
	for i := range min(len(a), len(b)) {
		ratios = append(ratios, float64(a[i])/float64(b[i]))
	}
	return median(ratios)
}

func walls(all []cost) []time.Duration {
	times := make([]time.Duration, 0, len(all))
	for _, c := range all {
		times = append(times, c.wall)
	}
	return times
}

func cpus(all []cost) []time.Duration {
	times := make([]time.Duration, 0, len(all))
	for _, c := range all {
		times = append(times, c.cpu)
	}
	return times
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func millis(d time.Duration) string {
	return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
}

func mebibytes(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }

func largest[T cmp.Ordered](all []T) T {
	if len(all) == 0 {
		var zero T
		return zero
	}
	return slices.Max(all)
}
