package provider_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMain keeps what the provider writes to the user's cache, in order to take
// turns in staging, out of the cache of whoever runs the tests.
func TestMain(m *testing.M) {
	code, err := inOwnCache(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)

		code = 1
	}

	os.Exit(code)
}

func inOwnCache(m *testing.M) (int, error) {
	if os.Getenv("GOCACHE") == "" {
		// Which is in the same cache: the tests that build the provider need it.
		out, err := exec.Command("go", "env", "GOCACHE").Output() //nolint:noctx // there is no test yet whose context it could be
		if err != nil {
			return 0, fmt.Errorf("go env GOCACHE: %w", err)
		}

		if err := os.Setenv("GOCACHE", strings.TrimSpace(string(out))); err != nil {
			return 0, err
		}
	}

	dir, err := os.MkdirTemp("", "permissionassist-cache-")
	if err != nil {
		return 0, err
	}

	defer func() { _ = os.RemoveAll(dir) }()

	// Read on Unix, but for macOS, and on Windows.
	for _, name := range []string{"XDG_CACHE_HOME", "LOCALAPPDATA"} {
		if err := os.Setenv(name, dir); err != nil {
			return 0, err
		}
	}

	return m.Run(), nil
}
