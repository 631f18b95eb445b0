package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"runtime"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// settings are the parsed command line.
type settings struct {
	address      string
	token        string
	buildTime    time.Duration
	applications string // the path of a seed file, "" for the built-in seed
	allowRemote  bool
	quiet        bool
	shell        string
}

const usage = `Usage: permissionassist-sandbox [flags]

Runs an in-memory Permission Assist server for trying out the Terraform
provider. It prints its applications, and two lines to paste into the shell
that runs Terraform. It runs until Ctrl-C and stores nothing.

Flags:
`

// token can be pasted into any shell without quotes.
var token = regexp.MustCompile(`^[\w.-]+$`)

// parseFlags returns flag.ErrHelp if it printed the help.
func parseFlags(args []string, stderr io.Writer) (settings, error) {
	var o settings
	f := flag.NewFlagSet("permissionassist-sandbox", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, usage)
		f.PrintDefaults()
		fmt.Fprintf(stderr, "\nThe form of the applications:\n%s\n", sandbox.SeedForm)
	}
	f.StringVar(&o.address, "address", "127.0.0.1:8484", "`HOST:PORT` to listen on; port 0 picks a free one")
	f.BoolVar(&o.allowRemote, "allow-remote", false, "allow an -address that other machines can reach, over plain http")
	f.StringVar(&o.token, "token", "", "`TOKEN` to accept (default: a random one, printed at the start)")
	f.DurationVar(&o.buildTime, "build-time", 5*time.Second, "how long each import takes")
	f.StringVar(&o.applications, "applications", "", "JSON `FILE` with the applications (default: a built-in set)")
	f.StringVar(&o.shell, "shell", defaultShell(), "`SHELL` to print the lines for: sh or powershell")
	f.BoolVar(&o.quiet, "quiet", false, "do not log requests")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	err := o.check(f.Args())
	if err != nil {
		fmt.Fprintf(stderr, "permissionassist-sandbox: %v\nFor the flags, run: permissionassist-sandbox -help\n", err)
	}
	return o, err
}

func (o *settings) check(rest []string) error {
	host, _, err := net.SplitHostPort(o.address)
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case err != nil:
		return fmt.Errorf("-address: %w", err)
	case !isLoopback(host) && !o.allowRemote:
		return fmt.Errorf("-address %s can be reached from other machines: use a loopback address such as 127.0.0.1:8484, "+
			"or add -allow-remote", o.address)
	case o.shell != "sh" && o.shell != "powershell":
		return fmt.Errorf("-shell must be sh or powershell, not %q", o.shell)
	case o.buildTime < 0:
		return errors.New("-build-time must not be negative")
	case o.token == "":
		o.token = "pa_" + rand.Text()
	case !token.MatchString(o.token):
		return errors.New("-token must consist of ASCII letters, digits, dots, hyphens and underscores")
	}
	return nil
}

func defaultShell() string {
	if runtime.GOOS == "windows" {
		return "powershell"
	}
	return "sh"
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// readApplications reads the seed file, or returns the built-in seed if file is
// empty.
func readApplications(file string) ([]sandbox.Application, error) {
	if file == "" {
		return sandbox.SeedApplications(), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("-applications: %w", err)
	}
	defer f.Close()
	applications, err := sandbox.ReadSeed(f)
	if err != nil {
		return nil, fmt.Errorf("-applications: %s: %w\nThe expected form is\n%s", file, err, sandbox.SeedForm)
	}
	return applications, nil
}
