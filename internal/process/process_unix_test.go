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

// role is the environment variable that makes the test's program play a part.
const role = "PROCESS_TEST_ROLE"

// TestMain plays a provider, or the Terraform that has started it.
func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "provider":
		playProvider()
	case "terraform":
		playTerraform()
	default:
		os.Exit(m.Run())
	}
}

// playProvider says that it is there, and again at each SIGUSR1.
func playProvider() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	process.LeaveSIGTERMToTerraform()

	const longest = time.Minute

	for over := time.After(longest); ; {
		fmt.Fprintln(os.Stdout, os.Getpid())

		select {
		case <-asked:
		case <-over:
			return
		}
	}
}

// playTerraform starts a provider, and ends once nobody can tell it anything.
func playTerraform() {
	provider := exec.Command(os.Args[0]) //nolint:noctx // it outlives this program
	provider.Env = append(os.Environ(), role+"=provider")
	provider.Stdout = os.Stdout

	if err := provider.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	_, _ = io.Copy(io.Discard, os.Stdin)
}

// A SIGTERM to the whole process group leaves the provider to Terraform; where
// that is gone, it ends the provider.
func TestLeaveSIGTERMToTerraform(t *testing.T) {
	t.Parallel()

	out, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}

	defer func() { _ = out.Close() }()

	terraform := exec.CommandContext(t.Context(), os.Args[0])
	terraform.Env = append(os.Environ(), role+"=terraform")
	terraform.Stdout = theirs

	in, err := terraform.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}

	if err := terraform.Start(); err != nil {
		t.Fatal(err)
	}

	_ = theirs.Close()
	_ = out.SetReadDeadline(time.Now().Add(20 * time.Second))

	said := bufio.NewReader(out)
	pid := 0

	there := func(what string) {
		t.Helper()

		if _, err := fmt.Fscanln(said, &pid); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}

	there("the provider did not start")

	tell := func(s syscall.Signal) {
		t.Helper()

		if err := syscall.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}

	tell(syscall.SIGTERM)
	tell(syscall.SIGUSR1)
	there("the provider has ended before Terraform")

	_ = in.Close()

	if err := terraform.Wait(); err != nil {
		t.Fatal(err)
	}

	tell(syscall.SIGTERM)

	if rest, err := io.ReadAll(said); err != nil || len(rest) > 0 {
		t.Errorf("the provider goes on without Terraform: %q, %v", rest, err)
	}
}
