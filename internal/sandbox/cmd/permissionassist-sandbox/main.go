// Command permissionassist-sandbox runs an in-memory Permission Assist server,
// for trying the provider without a license.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// The exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// stopTime is how long requests may take to end when the program stops.
const stopTime = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs the program until ctx ends and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	if err := serve(ctx, o, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "permissionassist-sandbox: %v\n", err)
		return exitError
	}
	return exitOK
}

// serve runs the server until ctx ends.
func serve(ctx context.Context, o settings, stdout, stderr io.Writer) error {
	applications, err := readApplications(o.applications)
	if err != nil {
		return err
	}
	logger := log.New(stderr, "", 0) // one writer for all goroutines
	so := sandbox.Options{Token: o.token, BuildTime: o.buildTime, Applications: applications}
	if !o.quiet {
		so.OnRequest = func(r sandbox.Request) { logger.Print(logLine(r)) }
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.address)
	if err != nil {
		return fmt.Errorf("%w (to use a free port: -address 127.0.0.1:0)", err)
	}
	s := sandbox.New(so)
	defer s.Close()
	s.SeedPeople()
	if o.allowRemote {
		logger.Printf("WARNING: -allow-remote: anyone who can reach %s and has the token can use this server, over plain http", l.Addr())
	}
	if err := printStart(stdout, l.Addr(), o, s.Applications()); err != nil {
		return errors.Join(err, l.Close())
	}

	httpServer := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, ErrorLog: logger}
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	s.Close() // releases requests that hang
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := httpServer.Shutdown(stop); err != nil {
		return errors.Join(err, httpServer.Close())
	}
	return nil
}

// printStart prints how to use the server. A script can evaluate the lines that
// set variables; the table is indented, so that no name looks like such a line.
func printStart(w io.Writer, address net.Addr, o settings, applications []sandbox.Application) error {
	var b strings.Builder
	line := "export %s=%s\n"
	if o.shell == "powershell" {
		line = "$env:%s = \"%s\"\n"
	}
	fmt.Fprintf(&b, line, "PERMISSIONASSIST_ENDPOINT", "http://"+reachable(address))
	fmt.Fprintf(&b, line+"\n", "PERMISSIONASSIST_TOKEN", o.token)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  APPLICATION\tID\tREMARKS")
	for _, a := range applications {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", a.Name, a.ID, strings.Join(remarks(a), ", "))
	}
	_ = t.Flush() // a strings.Builder never fails
	_, err := io.WriteString(w, b.String())
	return err
}

// reachable returns an address that clients on this machine can use.
func reachable(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return address.String()
}

// remarks returns what is special about an application.
func remarks(a sandbox.Application) []string {
	var r []string
	if a.IsArchived {
		r = append(r, "archived")
	}
	if a.Problem != sandbox.NoProblem {
		r = append(r, "imports are refused: "+string(a.Problem))
	}
	if a.FailBuilds {
		r = append(r, "imports fail")
	}
	for _, g := range a.FileGroups {
		kind := "file"
		if g.Required {
			kind = "required file"
		}
		r = append(r, fmt.Sprintf("%s %s %s", kind, g.Name, g.ID))
	}
	return r
}

// logLine returns a request's line of the log. The path is escaped, so that a
// request cannot forge lines; headers, including the token, are never logged.
func logLine(r sandbox.Request) string {
	status := "-"
	if r.Status != 0 {
		status = fmt.Sprint(r.Status)
	}
	line := fmt.Sprintf("%s %s %s %s", r.Time.UTC().Format(time.RFC3339), r.Method, (&url.URL{Path: r.Path}).EscapedPath(), status)
	if r.CorrelationID != "" {
		line += " correlationId=" + r.CorrelationID
	}
	return line
}
