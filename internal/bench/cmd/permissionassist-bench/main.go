// Command permissionassist-bench measures the costs of the provider. "make
// bench" builds the programs that it needs and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "permissionassist-bench:", err)
		os.Exit(1)
	}
}

// run fails if a scenario took an unexpected number of requests. A missed goal is
// not a failure.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	cfg := bench.Config{Progress: stderr}
	f := flag.NewFlagSet("permissionassist-bench", flag.ContinueOnError)
	f.StringVar(&cfg.Terraform, "terraform", "terraform", "the `PROGRAM` to run, Terraform or OpenTofu")
	f.StringVar(&cfg.Provider, "provider", "", "the provider's `PROGRAM`")
	f.StringVar(&cfg.Floor, "floor", "", "the `PROGRAM` of the provider hashicorp/time, which is compared with ours")
	f.StringVar(&cfg.FloorVersion, "floor-version", "unknown", "the `VERSION` of that provider, for the report")
	f.BoolVar(&cfg.Full, "full", false, "measure all sizes, which takes half an hour")
	f.IntVar(&cfg.Runs, "runs", 5, "repeat each measurement `N` times")
	only := f.String("only", "", "measure only the scenarios whose names match the `REGEXP`")
	results := f.String("results", "", "also write the report to `FILE`")
	if err := f.Parse(args); err != nil {
		return err
	}
	if cfg.Provider == "" || cfg.Floor == "" || cfg.Runs < 1 {
		return errors.New("-provider and -floor are needed, and -runs of at least 1")
	}
	var err error
	for _, program := range []*string{&cfg.Terraform, &cfg.Provider, &cfg.Floor} {
		if *program, err = exec.LookPath(*program); err == nil {
			*program, err = filepath.Abs(*program)
		}
		if err != nil {
			return err
		}
	}
	if cfg.Curl, err = exec.LookPath("curl"); err != nil {
		cfg.Curl = ""
	}
	if *only != "" {
		if cfg.Only, err = regexp.Compile(*only); err != nil {
			return fmt.Errorf("-only: %w", err)
		}
	}

	report, err := bench.Run(ctx, cfg)
	if report == nil {
		return err
	}
	return errors.Join(err, publish(report, stdout, *results))
}

// publish prints the report, and writes it to a file if that has a name.
func publish(report *bench.Report, stdout io.Writer, file string) error {
	if err := report.Write(stdout); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n%d goals missed.\n", report.Missed())
	if file == "" {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(report.Write(f), f.Close())
}
