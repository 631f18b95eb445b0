package main

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// line is what one round measured for one line of the report. Zero values are
// not reported.
type line struct {
	name string
	// ours is the provider's time, theirs that of the program named other.
	ours, theirs time.Duration
	other        string
	requests     string
	// memory is the peak of the provider's process, in bytes.
	memory int64
	// state is the size of one resource in the state, in bytes.
	state int64
}

var header = []string{"", "time", "compared with", "ratio", "requests", "peak memory", "state per import"}

// medians returns the rows of a scenario. A ratio is the median of the ratios
// within each round, because the machine's speed changes between rounds.
func medians(rounds [][]line) [][]string {
	var rows [][]string
	for i, first := range rounds[0] {
		of := func(value func(line) float64) float64 {
			var all []float64
			for _, lines := range rounds {
				all = append(all, value(lines[i]))
			}
			return median(all)
		}
		row := []string{first.name, seconds(of(func(l line) float64 { return l.ours.Seconds() })), "", "", first.requests, "", ""}
		if first.other != "" {
			row[2] = first.other + " " + seconds(of(func(l line) float64 { return l.theirs.Seconds() }))
			row[3] = fmt.Sprintf("%.2f", of(func(l line) float64 { return l.ours.Seconds() / l.theirs.Seconds() }))
		}
		if memory := of(func(l line) float64 { return float64(l.memory) }); memory > 0 {
			row[5] = fmt.Sprintf("%.0f MiB", memory/(1<<20))
		}
		if state := of(func(l line) float64 { return float64(l.state) }); state > 0 {
			row[6] = fmt.Sprintf("%.0f B", state)
		}
		rows = append(rows, row)
	}
	return rows
}

func median[T cmp.Ordered](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

func seconds(s float64) string { return fmt.Sprintf("%.2f s", s) }

// render returns the report as Markdown with aligned columns.
func render(machine string, runs int, rows [][]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# What the provider costs

Written by %s. Each figure is the median of %d runs. The imports are unfinished. The waits end after
each import was read %d times. The server times the uploads. Peak memory is that of the provider's process (Linux only).
From some hundreds of resources on, Terraform itself takes most of the time: it writes the state after each resource.

%s

`, "`make bench`", runs, readsPerWait, machine)

	widths := make([]int, len(header))
	rows = append([][]string{header, make([]string, len(header))}, rows...)
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 1)
		}
	}
	for n, row := range rows {
		for i, cell := range row {
			fill := " "
			if n == 1 {
				fill = "-"
			}
			b.WriteString("|" + fill + cell + strings.Repeat(fill, widths[i]-utf8.RuneCountInString(cell)+1))
		}
		b.WriteString("|\n")
	}
	return b.String()
}

// describe returns what affects the figures, and nothing that identifies the
// machine.
func (b *bench) describe(ctx context.Context) (string, error) {
	version, err := exec.CommandContext(ctx, b.terraform, "version").Output()
	if err != nil {
		return "", fmt.Errorf("%s version: %w", b.terraform, err)
	}
	terraform, _, _ := strings.Cut(string(version), "\n")
	floor, err := buildinfo.ReadFile(b.floor)
	if err != nil {
		return "", err
	}

	machine := fmt.Sprintf("%s, %d cores", cmp.Or(procField("/proc/cpuinfo", "model name"), runtime.GOARCH), runtime.NumCPU())
	if kib, err := strconv.ParseFloat(strings.TrimSuffix(procField("/proc/meminfo", "MemTotal"), " kB"), 64); err == nil {
		machine += fmt.Sprintf(", %.0f GiB", kib/(1<<20))
	}
	return fmt.Sprintf("Machine: %s, %s/%s, %s, %s, hashicorp/time %s.",
		machine, runtime.GOOS, runtime.GOARCH, strings.Replace(runtime.Version(), "go", "Go ", 1), terraform, floor.Main.Version), nil
}

// procField returns a field of a file in Linux's /proc, or "".
func procField(file, name string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for l := range strings.Lines(string(content)) {
		if key, value, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
