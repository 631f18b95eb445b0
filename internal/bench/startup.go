package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

const startUpAtMost = 50 * time.Millisecond

// started is the cost of starting a provider and reading its schema.
type started struct {
	cost

	schemaSize int64
}

// startUp measures how long a provider takes from its start to its schema, with
// Terraform's protocol. Terraform does this several times in each run.
func startUp(ctx context.Context, b *bench) (Section, error) {
	s := Section{
		Title:  "Start-up",
		Note:   "From the start of the program to its response to GetProviderSchema, with mutual TLS as Terraform uses it.",
		Header: []string{"provider", "CPU", "goal", "", "time", "schema", "program"},
	}
	programs := []struct{ name, path string }{{"permissionassist", b.Provider}, {"hashicorp/time", b.Floor}}
	cpu, wall := make([][]time.Duration, len(programs)), make([][]time.Duration, len(programs))
	sizes := make([]int64, len(programs))
	for run := range 4 * b.Runs {
		err := alternate(run, len(programs), func(i int) error {
			took, err := b.startProvider(ctx, programs[i].path)
			if err != nil {
				return fmt.Errorf("%s: %w", programs[i].name, err)
			}
			cpu[i], wall[i], sizes[i] = append(cpu[i], took.cpu), append(wall[i], took.wall), took.schemaSize
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
			p.name, millis(median(cpu[i])), goal, verdict, millis(median(wall[i])), fmt.Sprintf("%d KiB", sizes[i]>>10),
			fmt.Sprintf("%.1f MiB", float64(info.Size())/(1<<20)),
		})
	}
	return s, nil
}

// startProvider starts a provider as Terraform does, gets its schema and stops
// it.
func (b *bench) startProvider(ctx context.Context, program string) (took started, err error) {
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = b.environment("TMPDIR=" + b.dir)

	client := newPluginClient(cmd)
	start := time.Now()
	took.schemaSize, err = readSchema(ctx, client)
	took.wall = time.Since(start)

	client.Kill()
	if err == nil {
		took.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return took, err
}
