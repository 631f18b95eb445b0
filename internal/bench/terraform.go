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

// executable is the file extension of programs.
var executable = map[string]string{"windows": ".exe"}[runtime.GOOS]

// mirrored is the version of all providers in the mirror.
const mirrored = "0.0.1"

// install copies the providers into a filesystem mirror.
func (b *bench) install() error {
	platform := runtime.GOOS + "_" + runtime.GOARCH
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		for _, p := range []struct{ address, name, from string }{
			{"permissionassist/permissionassist", "permissionassist", b.Provider},
			{"hashicorp/time", "time", b.Floor},
		} {
			dir := filepath.Join(b.mirror(), host, filepath.FromSlash(p.address), mirrored, platform)
			to := filepath.Join(dir, "terraform-provider-"+p.name+"_v"+mirrored+executable)
			if err := copyProgram(p.from, to); err != nil {
				return err
			}
		}
	}
	tfrc := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", b.mirror())
	return os.WriteFile(b.tfrc(), []byte(tfrc), 0o600)
}

func (b *bench) mirror() string { return filepath.Join(b.dir, "mirror") }

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

// environment is the benchmark's own, without the variables that would change
// Terraform or the provider, and with a temporary home folder, because the
// provider may write to the user's cache folder.
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

// newFolder writes a configuration and initializes it.
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

// use sets the server and more environment variables for the folder's next
// runs.
func (f *folder) use(url string, env ...string) {
	f.env = append([]string{"PERMISSIONASSIST_ENDPOINT=" + url, "PERMISSIONASSIST_TOKEN=" + token, "NO_PROXY=127.0.0.1"}, env...)
}

// forget removes the state, so that the next apply creates everything again.
func (f *folder) forget() error {
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		if err := os.Remove(filepath.Join(f.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// stateSize returns the size of the state file, or 0 if there is none.
func (f *folder) stateSize() int {
	info, err := os.Stat(filepath.Join(f.dir, "terraform.tfstate"))
	if err != nil {
		return 0
	}
	return int(info.Size())
}

// cost is the time of a program. cpu includes child processes, so Terraform's
// cpu includes the providers'.
type cost struct {
	wall, cpu time.Duration
}

// terraform runs a subcommand.
func (f *folder) terraform(ctx context.Context, args ...string) (cost, error) {
	var out bytes.Buffer
	took, err := f.terraformTo(ctx, &out, args...)
	if err != nil {
		return took, fmt.Errorf("%w\n%s", err, out.Bytes())
	}
	return took, nil
}

// terraformTo runs a subcommand and writes its output to out.
func (f *folder) terraformTo(ctx context.Context, out io.Writer, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, f.bench.Terraform, args...)
	cmd.Dir = f.dir
	cmd.Env = f.bench.environment(f.env...)
	cmd.Stdout, cmd.Stderr = out, out

	start := time.Now()
	err := cmd.Run()
	took := cost{wall: time.Since(start)}
	if cmd.ProcessState != nil {
		took.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	if err != nil {
		return took, fmt.Errorf("terraform %s: %w", args[0], err)
	}
	return took, nil
}

// applyWhile applies a configuration that waits for its imports while the
// builds are held, and calls act meanwhile. Once act has returned, it releases
// the builds and returns when the apply has ended.
func (f *folder) applyWhile(ctx context.Context, srv *server, act func(context.Context) error) (took cost, err error) {
	acting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	applied := make(chan error, 1)
	go func() {
		var err error
		took, err = f.terraform(ctx, apply...)
		cancel(errors.New("the apply ended too early"))
		applied <- err
	}()
	err = act(acting)
	srv.ReleaseBuilds()
	return took, errors.Join(err, <-applied)
}

// The subcommands that are measured. A plan with changes counts as a failure.
var (
	apply       = []string{"apply", "-auto-approve", "-input=false", "-no-color"}
	applyJSON   = []string{"apply", "-auto-approve", "-input=false", "-json"}
	refreshOnly = []string{"apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"}
	plan        = []string{"plan", "-detailed-exitcode", "-input=false", "-no-color"}
	planAny     = []string{"plan", "-input=false", "-no-color"}
	destroy     = []string{"destroy", "-auto-approve", "-input=false", "-no-color"}
)
