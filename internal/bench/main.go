// Command bench measures what the provider costs, with a release build, a real
// Terraform and the sandbox. "make bench" runs it.
//
// Seconds depend on the machine, so look at the ratios. Both sides of a ratio
// run in the same round, in alternating order. Imports are compared with
// time_static of hashicorp/time, a provider that sends no requests, and uploads
// with curl. The sandbox runs in this process, which is idle otherwise.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// scenario measures one round. Each round returns the same lines.
type scenario struct {
	name string
	run  func(ctx context.Context, b *bench, round int) ([]line, error)
}

var scenarios = []scenario{
	{"100 imports", estate(100)},
	{"1000 imports", estate(1000)},
	{"10 waits", waits(10, 0)},
	{"10 waits with logs", waits(10, 8<<20)},
	{"upload of 100 MiB", upload(100 << 20)},
	{"upload of 1024 MiB", upload(1 << 30)},
}

func run(ctx context.Context, args []string) error {
	var b bench
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&b.terraform, "terraform", os.Getenv("TF_ACC_TERRAFORM_PATH"), "the `PROGRAM` to run, Terraform or OpenTofu")
	f.StringVar(&b.provider, "provider", "", "the provider's `PROGRAM`")
	f.StringVar(&b.floor, "floor", "", "the `PROGRAM` of hashicorp/time")
	runs := f.Int("runs", 3, "repeat each measurement `N` times")
	only := f.String("only", "", "measure only the scenarios whose names match the `REGEXP`")
	results := f.String("results", "", "also write the report to `FILE`")
	if err := f.Parse(args); err != nil {
		return err
	}
	chosen, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	for _, program := range []*string{&b.terraform, &b.provider, &b.floor} {
		found, err := exec.LookPath(*program)
		if err != nil {
			return err
		}
		if *program, err = filepath.Abs(found); err != nil {
			return err
		}
	}
	if err := b.install(); err != nil {
		return err
	}
	defer b.close()

	report, err := b.measure(ctx, chosen, *runs)
	if err != nil {
		return err
	}
	fmt.Fprint(os.Stdout, report)
	if *results == "" {
		return nil
	}
	return os.WriteFile(*results, []byte(report), 0o600)
}

// measure runs the chosen scenarios and returns the report.
func (b *bench) measure(ctx context.Context, chosen *regexp.Regexp, runs int) (string, error) {
	machine, err := b.describe(ctx)
	if err != nil {
		return "", err
	}
	var rows [][]string
	for _, s := range scenarios {
		if !chosen.MatchString(s.name) {
			continue
		}
		var rounds [][]line
		for round := range runs {
			fmt.Fprintf(os.Stderr, "%s %s, run %d\n", time.Now().Format(time.TimeOnly), s.name, round+1)
			lines, err := s.run(ctx, b, round)
			if err != nil {
				return "", fmt.Errorf("%s: %w", s.name, err)
			}
			rounds = append(rounds, lines)
		}
		rows = append(rows, medians(rounds)...)
	}
	return render(machine, runs, rows), nil
}
