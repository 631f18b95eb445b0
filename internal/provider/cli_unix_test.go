//go:build unix

package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// workspace is a folder in which a real Terraform runs the built provider. Use
// it to test signals, logs and exit codes, which need separate processes.
type workspace struct {
	t      *testing.T
	target target
	dir    string
	env    map[string]string
}

// builtProvider builds the provider once and returns the folder of the binary.
var builtProvider = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "permissionassist-provider-")
	if err != nil {
		return "", err
	}

	build := exec.CommandContext(context.Background(), "go", "build", "-buildvcs=false", "-o", dir, "../..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}

	return dir, nil
})

func newWorkspace(t *testing.T, tg target, body string) *workspace {
	t.Helper()

	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}

	provider, err := builtProvider()
	if err != nil {
		t.Fatal(err)
	}

	w := &workspace{t: t, target: tg, dir: t.TempDir(), env: map[string]string{
		"PERMISSIONASSIST_ENDPOINT": tg.endpoint,
		"PERMISSIONASSIST_TOKEN":    tg.token,
		"CHECKPOINT_DISABLE":        "1",
		"TF_IN_AUTOMATION":          "1",
	}}

	overrides := ""
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		overrides += fmt.Sprintf("    %q = %q\n", host+"/permissionassist/permissionassist", provider)
	}

	w.write("cli.tfrc", "provider_installation {\n  dev_overrides {\n"+overrides+"  }\n  direct {}\n}\n")
	w.env["TF_CLI_CONFIG_FILE"] = filepath.Join(w.dir, "cli.tfrc")
	w.write("main.tf", `terraform {
  required_providers {
    permissionassist = { source = "permissionassist/permissionassist" }
  }
}
`+body)

	return w
}

func (w *workspace) write(name, content string) {
	w.t.Helper()

	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// running is a running Terraform.
type running struct {
	*exec.Cmd
	t      *testing.T
	output bytes.Buffer
	// stdout is the output without stderr.
	stdout bytes.Buffer
}

// start starts Terraform in a new process group, like a shell.
func (w *workspace) start(args ...string) *running {
	w.t.Helper()

	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		terraform = "terraform"
	}

	r := &running{t: w.t, Cmd: exec.CommandContext(w.t.Context(), terraform, args...)}
	r.Dir = w.dir
	r.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r.Stdout = writers{&r.output, &r.stdout}
	r.Stderr = writers{&r.output}
	// A provider that outlives Terraform keeps the pipes open.
	r.WaitDelay = 20 * time.Second

	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TF_") && !strings.HasPrefix(v, "PERMISSIONASSIST_") {
			r.Env = append(r.Env, v)
		}
	}

	for _, name := range slices.Sorted(maps.Keys(w.env)) {
		r.Env = append(r.Env, name+"="+w.env[name])
	}

	if err := r.Start(); err != nil {
		w.t.Fatal(err)
	}

	return r
}

// writers serializes both output streams of a command: exec writes to two
// different writers concurrently.
type writers []*bytes.Buffer

var outputMu sync.Mutex

func (ws writers) Write(p []byte) (int, error) {
	outputMu.Lock()
	defer outputMu.Unlock()

	for _, w := range ws {
		w.Write(p)
	}

	return len(p), nil
}

// signal signals the whole process group, like Ctrl-C.
func (r *running) signal(s syscall.Signal) {
	r.t.Helper()

	if err := syscall.Kill(-r.Process.Pid, s); err != nil {
		r.t.Fatal(err)
	}
}

// end waits and returns the exit code and all output.
func (r *running) end() (int, string) {
	r.t.Helper()

	_ = r.Wait()

	return r.ProcessState.ExitCode(), r.output.String()
}

// run runs Terraform, expects an exit code, and returns the output.
func (w *workspace) run(code int, args ...string) string {
	w.t.Helper()

	got, output := w.start(args...).end()
	if got != code {
		w.t.Fatalf("terraform %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, output)
	}

	return output
}

func (w *workspace) apply(code int) string {
	w.t.Helper()

	return w.run(code, "apply", "-auto-approve", "-no-color", "-input=false")
}

// instance is an import in the state file.
type instance struct {
	Status     string `json:"status"`
	Attributes struct {
		ID     string `json:"id"`
		Number int64  `json:"number"`
		Status string `json:"status"`
	} `json:"attributes"`
}

func (w *workspace) instances() []instance {
	w.t.Helper()

	raw, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
	if os.IsNotExist(err) || err == nil && len(raw) == 0 {
		// OpenTofu leaves an empty file if it is killed.
		return nil
	}

	var state struct {
		Resources []struct {
			Type      string     `json:"type"`
			Instances []instance `json:"instances"`
		} `json:"resources"`
	}

	if err == nil {
		err = json.Unmarshal(raw, &state)
	}

	if err != nil {
		w.t.Fatal(err)
	}

	var found []instance

	for _, r := range state.Resources {
		if r.Type == resourceType {
			found = append(found, r.Instances...)
		}
	}

	return found
}

const waitingImport = "wait_for_completion = true\n timeouts {\n create = \"2m\"\n update = \"2m\"\n }"

// After an interrupt, the import is in the state and not tainted, or was never
// staged. The next apply ends with one import.
func TestAccCLI_interrupted(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct {
		at     sandbox.Operation
		staged bool
		want   string
	}{
		"before the POST": {sandbox.OpListImports, false, "Staging was interrupted"},
		"during the POST": {sandbox.OpStage, true, "Stopped waiting for the import"},
		"while waiting":   {sandbox.OpGetImport, true, "Stopped waiting for the import"},
	} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(name+", "+signal.String(), func(t *testing.T) {
				t.Parallel()

				tg := newSandboxTarget(t, sandbox.Options{})
				tg.sandbox.HoldBuilds()
				w := newWorkspace(t, tg, importResource(appID, waitingImport))

				// The response comes a while after the signal, so that the request
				// is under way when Terraform stops the provider.
				tg.sandbox.Inject(sandbox.Fault{Operation: tc.at, Processed: true, Action: sandbox.Delay(time.Second)})

				apply := w.start("apply", "-auto-approve", "-no-color", "-input=false")
				if err := tg.sandbox.AwaitCount(t.Context(), tc.at, 1); err != nil {
					t.Fatal(err)
				}

				apply.signal(signal)

				code, output := apply.end()
				if code != 1 {
					t.Errorf("exit code %d, want 1", code)
				}

				if !text(tc.want).MatchString(output) {
					t.Errorf("%q is missing in:\n%s", tc.want, output)
				}

				w.expectKnown(tc.staged)

				tg.sandbox.ReleaseBuilds()
				w.apply(0)

				if got := tg.onlyImport(t); got.Status != sandbox.StatusFinished {
					t.Errorf("the import is %s, want Finished", got.Status)
				}

				tg.expectCount(t, sandbox.OpCancel, 0)
			})
		}
	}
}

// expectKnown fails the test unless the state has the staged import, untainted,
// or nothing if nothing was staged.
func (w *workspace) expectKnown(staged bool) {
	w.t.Helper()

	instances := w.instances()

	if !staged {
		if n := len(w.target.sandbox.Imports()); n != 0 || len(instances) != 0 {
			w.t.Fatalf("there are %d imports on the server and %d in the state, want none", n, len(instances))
		}

		return
	}

	if len(instances) != 1 || instances[0].Status == "tainted" || instances[0].Attributes.ID != w.target.onlyImport(w.t).ID {
		w.t.Fatalf("the state has %+v, the server %+v", instances, w.target.sandbox.Imports())
	}
}

func TestAccCLI_timeoutUntaintResume(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	w := newWorkspace(t, tg, importResource(appID, "wait_for_completion = true\n timeouts {\n create = \"1s\"\n update = \"1m\"\n }"))

	if output := w.apply(1); !text("Without the untaint, the next apply cancels this import").MatchString(output) {
		t.Error(output)
	}

	if got := w.instances(); len(got) != 1 || got[0].Status != "tainted" {
		t.Fatalf("the state has %+v", got)
	}

	w.run(0, "untaint", address)

	if output := w.run(2, "plan", "-no-color", "-input=false", "-detailed-exitcode"); !strings.Contains(output, "updated in-place") {
		t.Error(output)
	}

	tg.releaseAfterPlan()
	w.apply(0)

	if got := tg.onlyImport(t); got.Status != sandbox.StatusFinished {
		t.Errorf("the import is %s, want Finished", got.Status)
	}

	w.run(0, "plan", "-no-color", "-input=false", "-detailed-exitcode")
	tg.expectCount(t, sandbox.OpCancel, 0)
}

// The token is only in requests to the server, and nowhere else.
func TestAccCLI_tokenLeavesNoTrace(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	w := newWorkspace(t, tg, importResource(appID, waitingImport)+applicationData(`name = "`+appName+`"`))
	w.env["TF_LOG"] = "TRACE"
	w.env["TF_LOG_PATH"] = filepath.Join(w.dir, "trace.log")

	// The server echoes the token in its responses.
	for _, action := range []sandbox.Action{
		sandbox.Envelope(500, "server_error", "bad token "+token+" in "+token),
		sandbox.Respond(502, "text/html; token="+token, "<html>"+token+"</html>"),
		sandbox.Redirect(302, "https://login.example.com/"+token+"?t="+token),
	} {
		tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Action: action, Times: 6})
	}

	output := w.apply(1) + w.apply(1) + w.apply(1)
	tg.sandbox.ClearFaults()
	output += w.run(0, "plan", "-out=plan", "-no-color") + w.run(0, "show", "-json", "plan") + w.apply(0) + w.run(0, "show", "-json") + w.run(0, "destroy", "-auto-approve")

	if !strings.Contains(output, "[REDACTED]") {
		t.Error("the output lacks the echo of the token")
	}

	entries, err := os.ReadDir(w.dir)
	if err != nil {
		t.Fatal(err)
	}

	seen := map[string]string{"output": output}

	for _, e := range entries {
		if raw, err := os.ReadFile(filepath.Join(w.dir, e.Name())); err == nil {
			seen[e.Name()] = string(raw)
		}
	}

	if !strings.Contains(seen["trace.log"], "Permission Assist response") {
		t.Error("the log has no requests")
	}

	for name, content := range seen {
		if i := strings.Index(content, token); i >= 0 {
			t.Errorf("%s has the token: …%s…", name, content[max(0, i-200):min(len(content), i+100)])
		}
	}
}
