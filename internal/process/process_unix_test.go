//go:build unix

package process_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/process"
)

// role is the environment variable that makes the test binary act as a provider
// or as Terraform.
const role = "PROCESS_TEST_ROLE"

// TestMain runs the tests, or acts as a provider or as the Terraform that starts it.
func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "provider":
		actAsProvider()
	case "terraform":
		actAsTerraform()
	default:
		os.Exit(m.Run())
	}
}

// actAsProvider prints its process ID when it has started and at each SIGUSR1.
func actAsProvider() {
	pings := make(chan os.Signal, 1)
	signal.Notify(pings, syscall.SIGUSR1)
	process.LeaveSIGTERMToTerraform()

	const longest = time.Minute

	for timeout := time.After(longest); ; {
		fmt.Fprintln(os.Stdout, os.Getpid())

		select {
		case <-pings:
		case <-timeout:
			return
		}
	}
}

// actAsTerraform starts a provider, and ends when its standard input is closed.
func actAsTerraform() {
	provider := exec.Command(os.Args[0]) //nolint:noctx // it outlives this program
	provider.Env = append(os.Environ(), role+"=provider")
	provider.Stdout = os.Stdout

	if err := provider.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	_, _ = io.Copy(io.Discard, os.Stdin)
}

// A SIGTERM does not end the provider while its Terraform runs, but does after
// that.
func TestLeaveSIGTERMToTerraform(t *testing.T) {
	t.Parallel()

	output, providerOutput, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}

	defer func() { _ = output.Close() }()

	terraform := exec.CommandContext(t.Context(), os.Args[0])
	terraform.Env = append(os.Environ(), role+"=terraform")
	terraform.Stdout = providerOutput

	input, err := terraform.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}

	if err := terraform.Start(); err != nil {
		t.Fatal(err)
	}

	_ = providerOutput.Close()
	_ = output.SetReadDeadline(time.Now().Add(20 * time.Second))

	lines := bufio.NewReader(output)
	pid := 0

	expectPID := func(otherwise string) {
		t.Helper()
		if _, err := fmt.Fscanln(lines, &pid); err != nil {
			t.Fatalf("%s: %v", otherwise, err)
		}
	}

	expectPID("the provider did not start")

	send := func(s syscall.Signal) {
		t.Helper()
		if err := syscall.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}

	send(syscall.SIGTERM)
	send(syscall.SIGUSR1)
	expectPID("the provider ended before Terraform")

	_ = input.Close()

	if err := terraform.Wait(); err != nil {
		t.Fatal(err)
	}

	send(syscall.SIGTERM)

	if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
		t.Errorf("the provider continues without Terraform: %q, %v", rest, err)
	}
}
