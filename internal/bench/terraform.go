package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// executable is what the names of programs end with.
var executable = map[string]string{"windows": ".exe"}[runtime.GOOS]

// mirrored is the version under which the mirror has the provider.
const mirrored = "0.0.1"

// install lays out the providers as a registry's mirror has them.
func (b *bench) install() error {
	platform := runtime.GOOS + "_" + runtime.GOARCH
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		for _, p := range []struct{ address, name, from string }{
			{"permissionassist/permissionassist", "permissionassist", b.Provider},
			{"hashicorp/time", "time", b.Floor},
		} {
			dir := filepath.Join(b.dir, "mirror", host, filepath.FromSlash(p.address), mirrored, platform)
			to := filepath.Join(dir, "terraform-provider-"+p.name+"_v"+mirrored+executable)
			if err := copyProgram(p.from, to); err != nil {
				return err
			}
		}
	}
	tfrc := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.Join(b.dir, "mirror"))
	return os.WriteFile(b.tfrc(), []byte(tfrc), 0o600)
}

func (b *bench) tfrc() string { return filepath.Join(b.dir, "terraform.tfrc") }

func copyProgram(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	program, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, program, 0o700)
}

// environment is the program's own, without what would change Terraform or the
// provider, and with a home of its own: the provider keeps locks there.
func (b *bench) environment(more ...string) []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "TF_") && !strings.HasPrefix(e, "PERMISSIONASSIST_") {
			env = append(env, e)
		}
	}
	home := filepath.Join(b.dir, "home")
	return append(append(env, "HOME="+home, "XDG_CACHE_HOME="+home, "LOCALAPPDATA="+home, "TF_CLI_CONFIG_FILE="+b.tfrc(),
		"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"), more...)
}

// folder is a Terraform configuration and its state.
type folder struct {
	bench *bench
	dir   string
	env   []string
}

// newFolder writes a configuration and initialises it.
func (b *bench) newFolder(ctx context.Context, config string) (*folder, error) {
	b.folders++
	f := &folder{bench: b, dir: filepath.Join(b.dir, fmt.Sprintf("%03d", b.folders))}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(f.dir, "main.tf"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	_, err := f.terraform(ctx, "init")
	return f, err
}

// use has the folder's next runs speak to a server.
func (f *folder) use(s *server) {
	f.env = []string{"PERMISSIONASSIST_ENDPOINT=" + s.url, "PERMISSIONASSIST_TOKEN=" + token, "NO_PROXY=127.0.0.1"}
}

// forget removes the state, as if nothing had ever been applied.
func (f *folder) forget() error {
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		if err := os.Remove(filepath.Join(f.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// stateSize is the length of the state's file, 0 if there is none.
func (f *folder) stateSize() int {
	info, err := os.Stat(filepath.Join(f.dir, "terraform.tfstate"))
	if err != nil {
		return 0
	}
	return int(info.Size())
}

// spent is what a run of Terraform took.
type spent struct {
	wall time.Duration
	// cpu is Terraform's and its providers', not the server's.
	cpu time.Duration
}

// terraform runs a subcommand.
func (f *folder) terraform(ctx context.Context, args ...string) (spent, error) {
	var out bytes.Buffer
	took, err := f.terraformTo(ctx, &out, args...)
	if err != nil {
		return took, fmt.Errorf("%w\n%s", err, out.Bytes())
	}
	return took, nil
}

// terraformTo is terraform with the output going elsewhere.
func (f *folder) terraformTo(ctx context.Context, out io.Writer, args ...string) (spent, error) {
	cmd := exec.CommandContext(ctx, f.bench.Terraform, args...)
	cmd.Dir = f.dir
	cmd.Env = f.bench.environment(f.env...)
	cmd.Stdout, cmd.Stderr = out, out

	start := time.Now()
	err := cmd.Run()
	took := spent{wall: time.Since(start)}
	if cmd.ProcessState != nil {
		took.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	if err != nil {
		return took, fmt.Errorf("terraform %s: %w", args[0], err)
	}
	return took, nil
}

// The subcommands that are measured. A plan that has changes is an error.
var (
	apply       = []string{"apply", "-auto-approve", "-input=false", "-no-color"}
	applyJSON   = []string{"apply", "-auto-approve", "-input=false", "-json"}
	refreshOnly = []string{"apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"}
	plan        = []string{"plan", "-detailed-exitcode", "-input=false", "-no-color"}
	planAny     = []string{"plan", "-input=false", "-no-color"}
	destroy     = []string{"destroy", "-auto-approve", "-input=false", "-no-color"}
)
