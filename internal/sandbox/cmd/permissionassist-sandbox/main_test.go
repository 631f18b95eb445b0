package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// program is a running sandbox program.
type program struct {
	endpoint, token string
	table           string
	stop            func() (code int, stderr string)
}

// start starts the program, which prints lines for sh.
func start(t *testing.T, args ...string) program {
	t.Helper()
	args = append(args, "-shell", "sh")
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var stderr strings.Builder // the program writes it line by line; it is read after the end
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, args, in, &stderr)
		in.Close()
	}()
	var p program
	p.stop = sync.OnceValues(func() (int, string) { cancel(); return <-code, stderr.String() })
	t.Cleanup(func() { p.stop() })

	// The program writes it with one call, so one read returns all of it.
	buf := make([]byte, 64<<10)
	n, err := out.Read(buf)
	parts := regexp.MustCompile(`^export PERMISSIONASSIST_ENDPOINT=(.*)\nexport PERMISSIONASSIST_TOKEN=(.*)\n`).FindSubmatch(buf[:n])
	if err != nil || parts == nil {
		t.Fatalf("it printed %s, %v", buf[:n], err)
	}
	p.endpoint, p.token, p.table = string(parts[1]), string(parts[2]), string(buf[len(parts[0]):n])
	return p
}

func (p program) get(t *testing.T, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.endpoint+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func wantAll(t *testing.T, text string, fragments ...string) {
	t.Helper()
	for _, fragment := range fragments {
		if !strings.Contains(text, fragment) {
			t.Errorf("no %q in\n%s", fragment, text)
		}
	}
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
	wantAll(t, p.table, "archived", "refused: NoSchedule", "imports fail", "required file Users 8d2e6a90-")
	if status, _ := p.get(t, "/api/applications/%0Aunknown"); status != http.StatusNotFound {
		t.Errorf("got %d", status)
	}
	code, log := p.stop()

	// A line is written after the response, so the order of lines can differ.
	const at = `(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ `
	good := regexp.MustCompile(at + `GET /api/applications/5f0c2b7e-[-0-9a-f]* 200$`)
	bad := regexp.MustCompile(at + `GET /api/applications/%0Aunknown 404 correlationId=[0-9a-f]{32}$`)
	if n := len(sandbox.SeedApplications()); len(good.FindAllString(log, -1)) != n ||
		len(bad.FindAllString(log, -1)) != 1 || strings.Count(log, "\n") != n+1 || code != exitOK || strings.Contains(log, p.token) {
		t.Errorf("ended with %d and the log\n%s", code, log)
	}
}

func TestRun_flags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(file, []byte(`{"applications":[{"name":"export X"},{"name":"B"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "-address", "0.0.0.0:0", "-allow-remote", "-token", "pa_1.2-3", "-quiet", "-applications", file)
	if p.token != "pa_1.2-3" || !strings.HasPrefix(p.endpoint, "http://127.0.0.1:") {
		t.Errorf("endpoint %s, token %s", p.endpoint, p.token)
	}
	wantAll(t, p.table, "\n  export X ")
	if status, body := p.get(t, "/api/applications"); status != http.StatusOK || !strings.Contains(body, `"totalCount":2`) {
		t.Errorf("got %d %s", status, body)
	}
	if _, log := p.stop(); !strings.HasPrefix(log, "WARNING: -allow-remote") || strings.Count(log, "\n") != 1 {
		t.Errorf("log:\n%s", log)
	}
}

func TestPrintStart_powerShell(t *testing.T) {
	var b strings.Builder
	address := &net.TCPAddr{IP: net.IPv4zero, Port: 8484}
	if err := printStart(&b, address, settings{shell: "powershell", token: "pa_1"}, nil); err != nil {
		t.Fatal(err)
	}
	wantAll(t, b.String(), "$env:PERMISSIONASSIST_ENDPOINT = \"http://127.0.0.1:8484\"\n$env:PERMISSIONASSIST_TOKEN = \"pa_1\"\n")
}
