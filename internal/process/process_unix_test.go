//go:build unix

package process_test

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/process"
)

func init() { roles["provider"] = actAsProvider }

// actAsProvider prints its process ID when it has started and at each SIGUSR1.
func actAsProvider() {
	pings := make(chan os.Signal, 1)
	signal.Notify(pings, syscall.SIGUSR1)
	process.LeaveSIGTERMToTerraform()

	for timeout := time.After(time.Minute); ; {
		fmt.Fprintln(os.Stdout, os.Getpid())
		select {
		case <-pings:
		case <-timeout:
			return
		}
	}
}

// A SIGTERM does not end the provider.
func TestLeaveSIGTERMToTerraform(t *testing.T) {
	t.Parallel()

	terraform, input, output := startTerraform(t, "provider")
	lines, pid := bufio.NewReader(output), 0
	wantPID := func() {
		t.Helper()
		if _, err := fmt.Fscanln(lines, &pid); err != nil {
			t.Fatalf("the provider does not run: %v", err)
		}
	}
	send := func(s syscall.Signal) {
		t.Helper()
		if err := syscall.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}

	wantPID()
	send(syscall.SIGTERM)
	send(syscall.SIGUSR1)
	wantPID()

	_ = input.Close()
	if err := terraform.Wait(); err != nil {
		t.Fatal(err)
	}
	send(syscall.SIGKILL)
}
