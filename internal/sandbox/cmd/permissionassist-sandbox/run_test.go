package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// program is a running sandbox program.
type program struct {
	endpoint, token string
	table           string
	stderr          *buffer
	stop            func() int // returns the exit code
}

func start(t *testing.T, args ...string) program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	p := program{stderr: &buffer{}}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, args, in, p.stderr)
		in.Close()
	}()
	p.stop = sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() { p.stop() })

	// The program writes it with one call, so one read returns all of it.
	buf := make([]byte, 64<<10)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatalf("ended with %d: %s", p.stop(), p.stderr)
	}
	lines := bufio.NewScanner(strings.NewReader(string(buf[:n])))
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "export PERMISSIONASSIST_ENDPOINT="); ok {
			p.endpoint = value
		} else if value, ok := strings.CutPrefix(lines.Text(), "export PERMISSIONASSIST_TOKEN="); ok {
			p.token = value
		} else {
			p.table += lines.Text() + "\n"
		}
	}
	return p
}

func (p program) get(t *testing.T, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.endpoint+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestRun(t *testing.T) {
	p := start(t, "-address", "127.0.0.1:0")
	if !regexp.MustCompile(`^http://127\.0\.0\.1:[1-9]\d*$`).MatchString(p.endpoint) ||
		!regexp.MustCompile(`^pa_\w{20,}$`).MatchString(p.token) {
		t.Errorf("endpoint %s, token %s", p.endpoint, p.token)
	}
	for _, a := range sandbox.SeedApplications() {
		status, body := p.get(t, "/api/applications/"+a.ID)
		if status != http.StatusOK || !strings.Contains(body, `"name":"`+a.Name+`"`) || !strings.Contains(p.table, "  "+a.Name+" ") {
			t.Errorf("%s: %d %s", a.Name, status, body)
		}
	}
	for _, remark := range []string{"archived", "no import schedule", "imports fail", "required file Users 8d2e6a90-"} {
		if !strings.Contains(p.table, remark) {
			t.Errorf("no %q in\n%s", remark, p.table)
		}
	}
	if status, _ := p.get(t, "/api/applications/%0Aunknown"); status != http.StatusNotFound {
		t.Errorf("got %d", status)
	}
	if code := p.stop(); code != exitOK {
		t.Errorf("ended with %d", code)
	}

	// A line is written after the response, so the order of lines can differ.
	const at = `(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ `
	good := regexp.MustCompile(at + `GET /api/applications/5f0c2b7e-[-0-9a-f]* 200$`)
	bad := regexp.MustCompile(at + `GET /api/applications/%0Aunknown 404 correlationId=[0-9a-f]{32}$`)
	log := p.stderr.String()
	if n := len(sandbox.SeedApplications()); len(good.FindAllString(log, -1)) != n ||
		len(bad.FindAllString(log, -1)) != 1 || strings.Count(log, "\n") != n+1 {
		t.Errorf("log:\n%s", log)
	}
	if strings.Contains(log, p.token) {
		t.Error("the token is in the log")
	}
}

func TestRunWithFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "seed.json")
	seed := `{"applications":[{"name":"export X"},{"name":"B","problem":"NoConnector"},
		{"name":"C","problem":"NoFilePaths"},{"name":"D","problem":"CreationFailed"}]}`
	if err := os.WriteFile(file, []byte(seed), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "-address", "0.0.0.0:0", "-allow-remote", "-token", "it's", "-quiet", "-applications", file)
	if p.token != `'it'\''s'` || !strings.HasPrefix(p.endpoint, "http://127.0.0.1:") {
		t.Errorf("endpoint %s, token %s", p.endpoint, p.token)
	}
	for _, want := range []string{"\n  export X ", "connector not available", "file paths not configured", "CreationFailed"} {
		if !strings.Contains(p.table, want) {
			t.Errorf("no %q in\n%s", want, p.table)
		}
	}
	p.token = "it's"
	if status, body := p.get(t, "/api/applications"); status != http.StatusOK || !strings.Contains(body, `"totalCount":4`) {
		t.Errorf("got %d %s", status, body)
	}
	p.stop()
	if log := p.stderr.String(); !strings.HasPrefix(log, "WARNING: -allow-remote") || strings.Count(log, "\n") != 1 {
		t.Errorf("log:\n%s", log)
	}
}

func TestSeedExample(t *testing.T) {
	var stdout, stderr strings.Builder
	if code := run(t.Context(), []string{"-seed-example"}, &stdout, &stderr); code != exitOK {
		t.Fatalf("ended with %d: %s", code, &stderr)
	}
	got, err := sandbox.ReadSeed(strings.NewReader(stdout.String()))
	if err != nil || len(got) != len(sandbox.SeedApplications()) {
		t.Errorf("got %v %v", got, err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestRunRefuses(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"applications":[{"name":"A","color":"red"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	for _, tc := range []struct {
		args   string
		code   int
		stderr []string
	}{
		{"-help", exitOK, []string{"Usage: permissionassist-sandbox", "-build-time", "-seed-example"}},
		{"-color", exitUsage, []string{"flag provided but not defined: -color"}},
		{"more", exitUsage, []string{`unexpected argument "more"`}},
		{"-address nowhere", exitUsage, []string{"-address: address nowhere: missing port in address"}},
		{"-address 0.0.0.0:0", exitUsage, []string{"-address 0.0.0.0:0 can be reached from other machines", "-allow-remote"}},
		{"-address :8484", exitUsage, []string{"-allow-remote"}},
		{"-address example.com:80", exitUsage, []string{"-allow-remote"}},
		{"-build-time -1s", exitUsage, []string{"-build-time must not be negative"}},
		{"-token ä", exitUsage, []string{"-token must be printable ASCII"}},
		{"-applications /does/not/exist", exitError, []string{"-applications: open /does/not/exist"}},
		{"-applications " + bad, exitError, []string{bad, `unknown field "color"`, `"name": TEXT`}},
		{"-address " + taken.Addr().String(), exitError, []string{"address already in use"}},
	} {
		t.Run(tc.args, func(t *testing.T) {
			var stdout, stderr strings.Builder
			code := run(t.Context(), strings.Fields(tc.args), &stdout, &stderr)
			if code != tc.code || stdout.Len() > 0 {
				t.Errorf("ended with %d and %s", code, &stdout)
			}
			for _, want := range tc.stderr {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("no %q in\n%s", want, &stderr)
				}
			}
		})
	}

	var stderr strings.Builder
	if code := run(t.Context(), []string{"-address", "localhost:0"}, brokenWriter{}, &stderr); code != exitError {
		t.Errorf("ended with %d", code)
	}
}

func TestLogLineWithoutResponse(t *testing.T) {
	r := sandbox.Request{Method: "POST", Path: "/api/x", Time: time.Date(2026, 2, 20, 8, 15, 0, 0, time.UTC)}
	if got := logLine(r); got != "2026-02-20T08:15:00Z POST /api/x -" {
		t.Errorf("got %s", got)
	}
}

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{
		"pa_A-1.b:c/d":      "pa_A-1.b:c/d",
		"$(reboot)":         "'$(reboot)'",
		"http://[::1]:8484": "'http://[::1]:8484'",
	} {
		if got := shellQuote(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestReachable(t *testing.T) {
	for _, tc := range []struct {
		address net.Addr
		want    string
	}{
		{&net.TCPAddr{IP: net.IPv6zero, Port: 1}, "127.0.0.1:1"},
		{&net.TCPAddr{IP: net.IPv6loopback, Port: 2}, "[::1]:2"},
		{&net.UnixAddr{Name: "x"}, "x"},
	} {
		if got := reachable(tc.address); got != tc.want {
			t.Errorf("%v: got %s, want %s", fmt.Sprint(tc.address), got, tc.want)
		}
	}
}
