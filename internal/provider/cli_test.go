package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	theTool(t)
	provider, err := builtProvider()
	if err != nil {
		t.Fatal(err)
	}

	w := &workspace{t: t, target: tg, dir: t.TempDir()}
	w.env = map[string]string{
		"PERMISSIONASSIST_ENDPOINT": tg.endpoint,
		"PERMISSIONASSIST_TOKEN":    tg.token,
		"CHECKPOINT_DISABLE":        "1",
		"TF_CLI_CONFIG_FILE":        filepath.Join(w.dir, "cli.tfrc"),
		"TF_IN_AUTOMATION":          "1",
	}
	for _, command := range []string{"show", "test", "validate"} {
		w.env["TF_CLI_ARGS_"+command] = "-no-color"
	}
	for _, command := range []string{"import", "plan"} {
		w.env["TF_CLI_ARGS_"+command] = "-no-color -input=false"
	}
	for _, command := range []string{"apply", "destroy"} {
		w.env["TF_CLI_ARGS_"+command] = "-no-color -input=false -auto-approve"
	}

	overrides := ""
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		overrides += fmt.Sprintf("    %q = %q\n", host+"/permissionassist/permissionassist", provider)
	}
	w.write("cli.tfrc", "provider_installation {\n  dev_overrides {\n"+overrides+"  }\n  direct {}\n}\n")
	w.configure(body)
	return w
}

// configure replaces the configuration.
func (w *workspace) configure(body string) {
	w.t.Helper()
	w.write("main.tf", requiredProviders+body)
}

const requiredProviders = `terraform {
  required_providers {
    permissionassist = { source = "permissionassist/permissionassist" }
  }
}
`

func (w *workspace) write(name, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workspace) read(name string) string {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(content)
}

func (w *workspace) remove(name string) {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.dir, name)); err != nil {
		w.t.Fatal(err)
	}
}

// running is a running Terraform.
type running struct {
	*exec.Cmd
	t      *testing.T
	output output
}

// start starts Terraform in a new process group, like a shell.
func (w *workspace) start(args ...string) *running {
	w.t.Helper()
	return w.startProgram(terraformPath(), args...)
}

func (w *workspace) startProgram(program string, args ...string) *running {
	w.t.Helper()
	r := &running{t: w.t, Cmd: exec.CommandContext(w.t.Context(), program, args...)}
	r.Dir = w.dir
	r.SysProcAttr = ownGroup()
	r.Stdout, r.Stderr = &r.output, &r.output
	// A provider that outlives Terraform keeps the pipes open.
	r.WaitDelay = 20 * time.Second

	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TF_") && !strings.HasPrefix(v, "PERMISSIONASSIST_") {
			r.Env = append(r.Env, v)
		}
	}
	for name, value := range w.env {
		r.Env = append(r.Env, name+"="+value)
	}
	if err := r.Start(); err != nil {
		w.t.Fatal(err)
	}
	return r
}

// signal signals the whole process group, like Ctrl-C.
func (r *running) signal(s syscall.Signal) {
	r.t.Helper()
	if err := signalGroup(r.Process, s); err != nil {
		r.t.Fatal(err)
	}
}

// end waits and returns the exit code and all output.
func (r *running) end() (int, string) {
	r.t.Helper()
	_ = r.Wait()
	return r.ProcessState.ExitCode(), r.output.String()
}

// run runs Terraform, wants an exit code, and returns the output.
func (w *workspace) run(code int, args ...string) string {
	w.t.Helper()
	got, output := w.start(args...).end()
	if got != code {
		w.t.Fatalf("terraform %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, output)
	}
	return output
}

// interrupted runs Terraform, signals it when the server has n requests for op,
// and returns the output. The exit code must be 1.
func (w *workspace) interrupted(op sandbox.Operation, n int, signal syscall.Signal, args ...string) string {
	w.t.Helper()
	r := w.start(args...)
	w.target.awaitRequests(w.t, op, n)
	r.signal(signal)
	code, output := r.end()
	if code != 1 {
		w.t.Errorf("exit code %d, want 1:\n%s", code, output)
	}
	return output
}

// apply applies without questions.
func (w *workspace) apply(code int, args ...string) string {
	w.t.Helper()
	return w.run(code, append([]string{"apply"}, args...)...)
}

// instance is an import in the state file.
type instance struct {
	Status     string
	Attributes struct{ ID string }
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
			Type      string
			Instances []instance
		}
	}
	if err := json.Unmarshal(raw, &state); err != nil {
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

// stateCutShort reports whether Terraform was killed while it was writing the
// state: it empties the file first.
func (w *workspace) stateCutShort() bool {
	w.t.Helper()
	file, err := os.Stat(filepath.Join(w.dir, "terraform.tfstate"))
	return err == nil && file.Size() == 0
}

// wantKnown fails the test unless the state has the staged import, untainted,
// or nothing if nothing was staged.
func (w *workspace) wantKnown(staged bool) {
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

// awaitOutput waits until Terraform has printed a text.
func (r *running) awaitOutput(part string) {
	r.t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for start := time.Now(); !strings.Contains(r.output.String(), part); <-ticker.C {
		if time.Since(start) > 30*time.Second {
			r.t.Fatalf("Terraform did not print %q", part)
		}
	}
}

// interruptTwice sends a second Ctrl-C before the first takes effect. Terraform
// then kills the provider.
func (r *running) interruptTwice() {
	r.t.Helper()
	r.signal(syscall.SIGINT)
	r.awaitOutput("Interrupt received")
	r.signal(syscall.SIGINT)
	r.awaitOutput("Two interrupts received")
}

// plan saves a plan.
func (w *workspace) plan() {
	w.t.Helper()
	w.run(0, "plan", "-out", "saved.tfplan")
}

// applyPlan applies the saved plan.
func (w *workspace) applyPlan(code int) string {
	w.t.Helper()
	return w.run(code, "apply", "saved.tfplan")
}

// wantPlan fails the test unless a plan ends with the exit code: 0 for no
// changes, 2 for changes.
func (w *workspace) wantPlan(code int) {
	w.t.Helper()
	w.run(code, "plan", "-detailed-exitcode")
}

func (w *workspace) wantStaged(n int) {
	w.t.Helper()
	if got := w.target.sandbox.Count(sandbox.OpStage) + w.target.sandbox.Count(sandbox.OpUpload); got != n {
		w.t.Errorf("%d imports were staged, want %d", got, n)
	}
}
