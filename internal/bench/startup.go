package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

const startUpAtMost = 50 * time.Millisecond

// started is what a provider took to answer with its schema.
type started struct {
	wall, cpu time.Duration
	answer    int64
}

// startUp measures how long a provider takes until it has answered with its
// schema, spoken to as Terraform does, which happens several times in each run.
func startUp(ctx context.Context, b *bench) (Section, error) {
	s := Section{
		Title:  "Start-up",
		Note:   "From starting the program to its answer to GetProviderSchema, with the certificates that Terraform makes for it.",
		Header: []string{"provider", "CPU", "goal", "", "time", "schema", "program"},
	}
	programs := []struct{ name, path string }{{"permissionassist", b.Provider}, {"hashicorp/time", b.Floor}}
	cpu, wall := make([][]time.Duration, len(programs)), make([][]time.Duration, len(programs))
	answers := make([]int64, len(programs))
	for run := range 4 * b.Runs {
		err := inTurns(run, len(programs), func(i int) error {
			took, err := b.startProvider(ctx, programs[i].path)
			if err != nil {
				return fmt.Errorf("%s: %w", programs[i].name, err)
			}
			cpu[i], wall[i], answers[i] = append(cpu[i], took.cpu), append(wall[i], took.wall), took.answer
			return nil
		})
		if err != nil {
			return s, err
		}
	}
	for i, p := range programs {
		info, err := os.Stat(p.path)
		if err != nil {
			return s, err
		}
		goal, verdict := "", ""
		if i == 0 {
			goal, verdict = "≤ "+millis(startUpAtMost), met(median(cpu[i]) <= startUpAtMost)
		}
		s.Rows = append(s.Rows, []string{
			p.name, millis(median(cpu[i])), goal, verdict, millis(median(wall[i])), fmt.Sprintf("%d KiB", answers[i]>>10),
			fmt.Sprintf("%.1f MiB", float64(info.Size())/(1<<20)),
		})
	}
	return s, nil
}

// The handshake of go-plugin, with Terraform's cookie.
const (
	cookieName  = "TF_PLUGIN_MAGIC_COOKIE"
	cookieValue = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
)

// startProvider starts a provider, asks for its schema and kills it.
func (b *bench) startProvider(ctx context.Context, program string) (took started, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()

	own, err := newPluginCertificate()
	if err != nil {
		return took, err
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = b.environment(cookieName+"="+cookieValue, "PLUGIN_PROTOCOL_VERSIONS=5,6", "PLUGIN_CLIENT_CERT="+own.pem,
		"PLUGIN_MIN_PORT=10000", "PLUGIN_MAX_PORT=25000", "TMPDIR="+b.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return took, err
	}

	start := time.Now()
	if err := cmd.Start(); err != nil {
		return took, err
	}
	took.answer, err = readSchema(ctx, bufio.NewReader(out), own)
	took.wall = time.Since(start)

	// It has answered; its own end is of no interest.
	err = errors.Join(err, cmd.Process.Kill())
	_ = cmd.Wait()
	took.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return took, err
}

func readSchema(ctx context.Context, out *bufio.Reader, own *pluginCertificate) (int64, error) {
	line, err := out.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("the provider has not said how to reach it: %w", err)
	}
	// CORE-PROTOCOL|PROTOCOL|NETWORK|ADDRESS|grpc|CERTIFICATE
	said := strings.Split(strings.TrimSpace(line), "|")
	if len(said) < 6 || said[4] != "grpc" {
		return 0, fmt.Errorf("the provider has said %q", line)
	}
	client, err := own.client(said[2], said[3], said[5])
	if err != nil {
		return 0, err
	}
	defer client.CloseIdleConnections()
	return call(ctx, client, map[string]string{
		"5": "/tfplugin5.Provider/GetSchema", "6": "/tfplugin6.Provider/GetProviderSchema",
	}[said[1]])
}
