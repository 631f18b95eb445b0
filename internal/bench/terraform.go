package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// bench is one run of the benchmark.
type bench struct {
	terraform, provider, floor string // paths of programs

	dir     string // a temporary folder for everything that is written
	folders int
}

const requireProviders = `terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
    }
    time = {
      source = "hashicorp/time"
    }
  }
}
`

// install copies the providers into a filesystem mirror in a temporary folder.
func (b *bench) install() (err error) {
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	// The kernel reports a process's program without symbolic links.
	if b.dir, err = filepath.EvalSymlinks(b.dir); err != nil {
		return err
	}
	const version = "0.0.1"
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		for address, from := range map[string]string{"permissionassist/permissionassist": b.provider, "hashicorp/time": b.floor} {
			dir := filepath.Join(b.mirror(), host, filepath.FromSlash(address), version, runtime.GOOS+"_"+runtime.GOARCH)
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return err
			}
			name := "terraform-provider-" + filepath.Base(address) + "_v" + version + filepath.Ext(from)
			if err := copyProgram(from, filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	tfrc := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", b.mirror())
	return os.WriteFile(b.tfrc(), []byte(tfrc), 0o600)
}

func copyProgram(from, to string) error {
	program, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, program, 0o700)
}

func (b *bench) close() { _ = os.RemoveAll(b.dir) }

func (b *bench) mirror() string { return filepath.Join(b.dir, "mirror") }

func (b *bench) tfrc() string { return filepath.Join(b.dir, "terraform.tfrc") }

// folder is a Terraform configuration and its state.
type folder struct {
	bench    *bench
	dir, url string
}

// newFolder writes a configuration and initializes it. url is the server's.
func (b *bench) newFolder(ctx context.Context, url, config string) (*folder, error) {
	b.folders++
	f := &folder{bench: b, dir: filepath.Join(b.dir, fmt.Sprintf("%03d", b.folders)), url: url}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(f.dir, "main.tf"), []byte(requireProviders+config), 0o600); err != nil {
		return nil, err
	}
	_, err := f.run(ctx, "init")
	return f, err
}

// The subcommands that are measured. A plan with changes counts as a failure.
var (
	apply   = []string{"apply", "-auto-approve", "-input=false", "-no-color"}
	plan    = []string{"plan", "-detailed-exitcode", "-input=false", "-no-color"}
	destroy = []string{"destroy", "-auto-approve", "-input=false", "-no-color"}
)

// run runs a subcommand of Terraform and returns the time that it took.
func (f *folder) run(ctx context.Context, args ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, f.bench.terraform, args...)
	cmd.Dir = f.dir
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "TF_") && !strings.HasPrefix(e, "PERMISSIONASSIST_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, "TF_CLI_CONFIG_FILE="+f.bench.tfrc(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "NO_PROXY=127.0.0.1",
		"PERMISSIONASSIST_ENDPOINT="+f.url, "PERMISSIONASSIST_TOKEN="+sandbox.DefaultToken)

	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return took, fmt.Errorf("terraform %s: %w\n%s", args[0], err, out)
	}
	return took, nil
}

// stateSize returns the size of the state file, or 0 if there is none.
func (f *folder) stateSize() int64 {
	info, err := os.Stat(filepath.Join(f.dir, "terraform.tfstate"))
	if err != nil {
		return 0
	}
	return info.Size()
}

// alternate runs two functions, in reverse order in every other round, so that
// neither always comes first.
func alternate(round int, first, second func() error) error {
	if round%2 == 1 {
		first, second = second, first
	}
	if err := first(); err != nil {
		return err
	}
	return second()
}
