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

// Config says what to measure, and with what.
type Config struct {
	// Terraform, Provider and Floor are the programs: Terraform or OpenTofu, the
	// provider as it is released, and hashicorp/time. Curl can be empty.
	Terraform, Provider, Floor, Curl string
	// FloorVersion is that of hashicorp/time, for the record.
	FloorVersion string
	// Full measures all sizes; otherwise only what takes a minute or two.
	Full bool
	// Runs is how often each thing is run; the figures are medians.
	Runs int
	// Only, if not nil, picks scenarios by their name.
	Only *regexp.Regexp
	// Progress gets a line for what is being done.
	Progress io.Writer
}

// scenario is one section of the report.
type scenario struct {
	name string
	run  func(context.Context, *bench) (Section, error)
}

var scenarios = []scenario{
	{"start-up", startUp},
	{"estate", estates},
	{"finished", finishedEstate},
	{"wait", waits},
	{"names", names},
	{"upload", uploads},
}

// Run measures. The error says what could not be measured; the report then has
// the rest.
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
		b.say("=== %s", s.name)
		section, err := s.run(ctx, b)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
			b.say("%s: %v", s.name, err)
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

// bench is one run of the program.
type bench struct {
	Config

	// dir is where everything is written; it does not outlive the program.
	dir     string
	folders int
}

func newBench(cfg Config) (*bench, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	// As the kernel names it, to recognise the provider's process.
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

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.Progress, "%s "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}

// sizes are the numbers of resources to measure with.
func (b *bench) sizes() []int {
	if b.Full {
		return []int{1, 100, 1000}
	}
	return []int{1, 100}
}

// inTurns runs each of n things, and the other way round every other time, so
// that none is always the one that comes first.
func inTurns(round, n int, run func(i int) error) error {
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
