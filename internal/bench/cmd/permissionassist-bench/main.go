// Command permissionassist-bench measures what the provider costs; "make bench"
// builds what it needs and runs it.
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

// run fails where a number of requests is not the expected one. Times that
// miss their goals are reported only.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	cfg := bench.Config{Progress: stderr}
	f := flag.NewFlagSet("permissionassist-bench", flag.ContinueOnError)
	f.StringVar(&cfg.Terraform, "terraform", "terraform", "the `PROGRAM` to run, Terraform or OpenTofu")
	f.StringVar(&cfg.Provider, "provider", "", "the provider's `PROGRAM`")
	f.StringVar(&cfg.Floor, "floor", "", "the `PROGRAM` of the provider hashicorp/time, to compare with")
	f.StringVar(&cfg.FloorVersion, "floor-version", "unknown", "the `VERSION` of that provider, for the record")
	f.BoolVar(&cfg.Full, "full", false, "measure all sizes, which takes some minutes")
	f.IntVar(&cfg.Runs, "runs", 5, "how `MANY` times to run each thing")
	only := f.String("only", "", "measure only the scenarios whose names match the `REGEXP`")
	results := f.String("results", "", "write the report to that `FILE`, too")
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

// publish prints the report, and writes it to a file unless that has no name.
func publish(report *bench.Report, stdout io.Writer, file string) error {
	if err := report.Write(stdout); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n%d goals missed.\n", report.Missed())
	if file == "" {
		return nil
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(report.Write(out), out.Close())
}
