package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// Config is what to measure, and with which programs.
type Config struct {
	// Terraform, Provider, Floor and Curl are paths: of Terraform or OpenTofu, of
	// the provider as it is released, of hashicorp/time, and of curl, which can
	// be missing.
	Terraform, Provider, Floor, Curl string
	// FloorVersion is the version of hashicorp/time, for the report.
	FloorVersion string
	// Full measures all sizes. Without it, the largest ones are left out.
	Full bool
	// Runs is how often each measurement is repeated; the figures are medians.
	Runs int
	// Only, if not nil, selects scenarios by name.
	Only *regexp.Regexp
	// Progress gets a line for each step.
	Progress io.Writer
}

// scenario measures one section of the report.
type scenario struct {
	name string
	run  func(context.Context, *bench) (Section, error)
}

var scenarios = []scenario{
	{"start-up", startUp},
	{"estate", estates},
	{"finished", finishedEstate},
	{"wait", waits},
	{"logs", logs},
	{"dead-connection", deadConnections},
	{"names", names},
	{"upload", uploads},
}

// Run runs the scenarios. If some of them fail, it returns an error along with
// the report of the others.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	b, err := newBench(cfg)
	if err != nil {
		return nil, err
	}
	defer b.close()

	report := &Report{Runs: cfg.Runs}
	if report.Machine, err = describeMachine(ctx, cfg); err != nil {
		return nil, err
	}

	var failed []error
	for _, s := range scenarios {
		if cfg.Only != nil && !cfg.Only.MatchString(s.name) {
			continue
		}
		b.logf("=== %s", s.name)
		section, err := s.run(ctx, b)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
			b.logf("%s: %v", s.name, err)
		}
		if len(section.Rows) > 0 || section.Note != "" {
			report.Sections = append(report.Sections, section)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return report, errors.Join(failed...)
}

// bench is one run of the benchmark.
type bench struct {
	Config

	// dir is a temporary folder for everything that is written.
	dir     string
	folders int
}

func newBench(cfg Config) (*bench, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	// The kernel reports a process's program without symbolic links: see watchMemory.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	b := &bench{Config: cfg, dir: dir}
	if err := b.install(); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() { _ = os.RemoveAll(b.dir) }

func (b *bench) logf(format string, args ...any) {
	fmt.Fprintf(b.Progress, "%s "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}

// sizes returns the numbers of resources to measure with.
func (b *bench) sizes() []int {
	if b.Full {
		return []int{1, 100, 1000}
	}
	return []int{1, 100}
}

// alternate runs each of n things, in reverse order in every other round, so that
// none of them always comes first.
func alternate(round, n int, run func(i int) error) error {
	for i := range n {
		if round%2 == 1 {
			i = n - 1 - i
		}
		if err := run(i); err != nil {
			return err
		}
	}
	return nil
}
