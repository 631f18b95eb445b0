package process_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/process"
)

// role is the environment variable that makes the test binary act as Terraform
// or as a provider. A Terraform starts the provider that providerRole names.
const (
	role         = "PROCESS_TEST_ROLE"
	providerRole = "PROCESS_TEST_PROVIDER_ROLE"
)

var roles = map[string]func(){
	"terraform": actAsTerraform,
	"orphan":    func() { actAsOrphan(0) },
	"posting":   func() { actAsOrphan(3) },
}

// TestMain runs the tests, or acts as a provider or as the Terraform that
// starts it.
func TestMain(m *testing.M) {
	if act := roles[os.Getenv(role)]; act != nil {
		act()
		return
	}
	os.Exit(m.Run())
}

// actAsTerraform starts a provider, and ends when its standard input is closed.
func actAsTerraform() {
	provider := exec.Command(os.Args[0]) //nolint:noctx // it outlives this program
	provider.Env = append(os.Environ(), role+"="+os.Getenv(providerRole))
	provider.Stdout = os.Stdout

	if err := provider.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startTerraform starts a Terraform with a provider, and returns Terraform, its
// input and the provider's output.
func startTerraform(t *testing.T, provider string) (*exec.Cmd, io.Closer, *os.File) {
	t.Helper()
	output, providerOutput, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = output.Close() })

	terraform := exec.CommandContext(t.Context(), os.Args[0])
	terraform.Env = append(os.Environ(), role+"=terraform", providerRole+"="+provider)
	terraform.Stdout = providerOutput

	input, err := terraform.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := terraform.Start(); err != nil {
		t.Fatal(err)
	}
	_ = providerOutput.Close()
	// It has no effect on Windows, whose pipes have no deadlines.
	_ = output.SetReadDeadline(time.Now().Add(20 * time.Second))
	return terraform, input, output
}

// actAsOrphan prints "started", and "post" each time that it is asked for the
// POSTs under way. There is one until it was asked several times.
func actAsOrphan(asked int) {
	process.EndWithTerraform(func() int {
		if asked == 0 {
			return 0
		}
		asked--
		fmt.Fprint(os.Stdout, "post\n")
		return 1
	})
	fmt.Fprint(os.Stdout, "started\n")
	<-time.After(time.Minute)
}

// A provider ends soon after its Terraform was killed, but not while it sends a
// POST.
func TestEndWithTerraform(t *testing.T) {
	t.Parallel()

	for provider, want := range map[string]string{"orphan": "started\n", "posting": "started\npost\npost\npost\n"} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()

			terraform, _, output := startTerraform(t, provider)
			started := make([]byte, len("started\n"))
			if _, err := io.ReadFull(output, started); err != nil {
				t.Fatal(err)
			}

			if err := terraform.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = terraform.Wait()

			killed := time.Now()
			rest, err := io.ReadAll(output)
			if got := string(bytes.Join([][]byte{started, rest}, nil)); err != nil || got != want || time.Since(killed) > 10*time.Second {
				t.Errorf("after %s, the provider has printed %q, %v", time.Since(killed), got, err)
			}
		})
	}
}
