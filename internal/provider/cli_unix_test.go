//go:build unix

package provider_test

import (
	"os"
	"syscall"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// stopSignals are what a runner or a user sends to stop Terraform.
var stopSignals = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}

// ownGroup puts a program into a process group of its own.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// signalGroup signals a program and all that it has started.
func signalGroup(p *os.Process, s syscall.Signal) error { return syscall.Kill(-p.Pid, s) }

// As the guide about CI says, a runner's interrupt reaches a Terraform that a
// script starts with exec, although the runner signals only the shell.
func TestAccDocs_exec(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{}).held()
	w := newWorkspace(t, tg, waitingImport())
	w.write("ci.sh", "set -e\nexec '"+terraformPath()+"' apply\n")

	script := w.startProgram("sh", "ci.sh")
	tg.awaitRequests(t, sandbox.OpGetImport, 1)
	if err := script.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	code, output := script.end()
	if code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	wantContains(t, output, "Stopped waiting for the import")
	w.wantKnown(true)
	w.wantResumed()
}
