package bench

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// The things that are compared, in the order of the report's columns.
const (
	imports = iota
	floor
	builtin
	padded // the floor, with a state as large as that of the imports
	kinds
)

// padding makes the state of a time_static as large as that of an import.
var padding = strings.Repeat("x", 735)

const requirePermissionAssist = `terraform {
  required_providers {
    permissionassist = {
      source = "permissionassist/permissionassist"
    }
  }
}
`

const requireTime = `terraform {
  required_providers {
    time = {
      source = "hashicorp/time"
    }
  }
}
`

// estateConfig is a configuration of n resources of one kind, one for each
// application. It uses count: with for_each, Terraform spends more on the
// expression than on the resources, and the kinds would hardly differ.
func estateConfig(kind, n int) string {
	resource := [kinds]string{
		imports: requirePermissionAssist + "resource \"permissionassist_application_import\" \"each\" {\n  application_id = " + countedID + "\n",
		floor:   requireTime + "resource \"time_static\" \"each\" {\n",
		builtin: "resource \"terraform_data\" \"each\" {\n",
		padded:  requireTime + "resource \"time_static\" \"each\" {\n  triggers = { padding = \"" + padding + "\" }\n",
	}
	return resource[kind] + fmt.Sprintf("  count = %d\n}\n", n)
}

func (b *bench) estateFolders(ctx context.Context, n int) (all [kinds]*folder, err error) {
	for kind := range all {
		if all[kind], err = b.newFolder(ctx, estateConfig(kind, n)); err != nil {
			return all, err
		}
	}
	return all, nil
}

// phase is a subcommand of Terraform, the goals for its ratio to the floor and,
// with 1000 resources, to the padded floor, and the expected requests for n
// unfinished imports. A zero goal is no goal.
type phase struct {
	name             string
	args             []string
	goal, paddedGoal float64
	requests         func(n int) requests
}

// memoryGoal is for the peak memory of the provider with 100 imports.
const memoryGoal = 48 << 20

var phases = []phase{
	{"apply", apply, 1.05, 0.85, func(n int) requests { return requests{sandbox.OpStage: n, sandbox.OpListImports: n} }},
	{"plan", plan, 1.05, 0, func(n int) requests { return requests{sandbox.OpGetImport: n} }},
	{"destroy", destroy, 1.2, 1, func(n int) requests { return requests{sandbox.OpGetImport: 2 * n, sandbox.OpCancel: n} }},
}

// measured are the costs of all runs, by kind.
type measured [kinds][]cost

func (m *measured) wall(kind int) time.Duration { return median(walls(m[kind])) }

// wallRatio is the median of the ratios of imports to that kind within each run.
func (m *measured) wallRatio(to int) float64 { return medianRatio(walls(m[imports]), walls(m[to])) }

func (m *measured) cpuRatio() float64 { return medianRatio(cpus(m[imports]), cpus(m[floor])) }

// estates measures apply, plan and destroy of imports without waiting. The
// builds are held, which is the most expensive case: the plan reads and the
// destroy cancels every import.
func estates(ctx context.Context, b *bench) (Section, error) {
	s := Section{
		Title: "Apply, plan, destroy",
		Note: "Unfinished imports of as many applications, not waited for, compared with as many `time_static`; `terraform_data` needs no " +
			"provider process. CPU is that of Terraform and its providers. Terraform writes a local state again after each resource: from " +
			"some hundreds of resources on, this takes most of the time, and the time grows with the size of the state. The padded " +
			"time_static has as large a state as an import: the ratio to it is the cost of the provider alone, and the other ratio includes " +
			"what Terraform spends on the larger state. So the goal for 1000 resources is for the ratio to the padded one.",
		Header: []string{"resources", "phase", "imports", "time_static", "terraform_data", "ratio", "goal", "", "CPU ratio", "padded time_static", "ratio to it", "requests", "peak memory", "state per resource"},
	}
	if _, err := b.estate(ctx, 1, 1); err != nil { // to warm up
		return s, err
	}
	var wrong error
	for _, n := range b.sizes() {
		b.logf("%d resources", n)
		rows, err := b.estate(ctx, n, b.Runs)
		s.Rows = append(s.Rows, rows...)
		if err != nil {
			wrong = fmt.Errorf("%d imports: %w", n, err)
		}
	}
	return s, wrong
}

func (b *bench) estate(ctx context.Context, n, runs int) ([][]string, error) {
	folders, err := b.estateFolders(ctx, n)
	if err != nil {
		return nil, err
	}
	times := make([]measured, len(phases))
	counts := make([]requests, len(phases))
	peaks := make([]int64, len(phases))
	size := ""
	for run := range runs {
		srv := serve(sandbox.Options{Applications: applications(n)})
		srv.HoldBuilds()
		folders[imports].use(srv.url())
		for i, p := range phases {
			srv.reset()
			err = alternate(run, int(kinds), func(kind int) error {
				watched := watchMemory(b.mirror())
				took, err := folders[kind].terraform(ctx, p.args...)
				if memory := watched(); kind == imports {
					peaks[i] = max(peaks[i], memory)
				}
				times[i][kind] = append(times[i][kind], took)
				return err
			})
			if err != nil {
				break
			}
			counts[i] = srv.Counts()
			if i == 0 {
				size = fmt.Sprintf("%d B, %d B, %d B", folders[imports].stateSize()/n, folders[floor].stateSize()/n, folders[padded].stateSize()/n)
			}
		}
		srv.close()
		if err != nil {
			return nil, err
		}
	}

	var rows [][]string
	var wrong error
	for i, p := range phases {
		m := &times[i]
		b.logf("%d %s: CPU %s, time_static %s, terraform_data %s", n, p.name, seconds(median(cpus(m[imports]))),
			seconds(median(cpus(m[floor]))), seconds(median(cpus(m[builtin]))))
		goal, verdict := p.verdict(n, m)
		memory := memoryText(peaks[i])
		if n == 100 {
			memory += ", goal " + mebibytes(memoryGoal) + " " + met(peaks[i] <= memoryGoal)
		}
		rows = append(rows, []string{
			fmt.Sprint(n), p.name, seconds(m.wall(imports)), seconds(m.wall(floor)), seconds(m.wall(builtin)),
			fmt.Sprintf("%.2f", m.wallRatio(floor)), goal, verdict, fmt.Sprintf("%.2f", m.cpuRatio()),
			seconds(m.wall(padded)), fmt.Sprintf("%.2f", m.wallRatio(padded)), counts[i].String(), memory, size,
		})
		if want := p.requests(n); !maps.Equal(counts[i], want) {
			wrong = fmt.Errorf("%s took the requests %s, expected %s", p.name, counts[i], want)
		}
	}
	return rows, wrong
}

// verdict returns the goal for n resources, and whether it was met. A single
// resource is too quick for a goal.
func (p phase) verdict(n int, m *measured) (goal, verdict string) {
	switch {
	case n == 1:
		return "", ""
	case n >= 1000 && p.paddedGoal > 0:
		return fmt.Sprintf("≤ %.2f to padded", p.paddedGoal), met(m.wallRatio(padded) <= p.paddedGoal)
	default:
		return fmt.Sprintf("≤ %.2f", p.goal), met(m.wallRatio(floor) <= p.goal)
	}
}

// finishedEstate measures the plan of finished imports.
func finishedEstate(ctx context.Context, b *bench) (Section, error) {
	s := Section{
		Title:  "Plan of finished imports",
		Note:   "A finished import never changes, so it is not read.",
		Header: []string{"resources", "phase", "imports", "time_static", "ratio", "goal", "", "CPU ratio", "requests", "goal", ""},
	}
	n := b.sizes()[len(b.sizes())-1]
	folders, err := b.estateFolders(ctx, n)
	if err != nil {
		return s, err
	}
	srv := serve(sandbox.Options{Applications: applications(n)})
	defer srv.close()
	folders[imports].use(srv.url())
	for _, kind := range []int{imports, floor} {
		if _, err := folders[kind].terraform(ctx, apply...); err != nil {
			return s, err
		}
	}
	if err := srv.Settle(ctx); err != nil {
		return s, err
	}
	if _, err := folders[imports].terraform(ctx, refreshOnly...); err != nil {
		return s, err
	}
	srv.reset()

	var m measured
	for run := range b.Runs {
		err := alternate(run, 2, func(kind int) error {
			took, err := folders[kind].terraform(ctx, plan...)
			m[kind] = append(m[kind], took)
			return err
		})
		if err != nil {
			return s, err
		}
	}
	count := requests(srv.Counts())
	s.Rows = [][]string{{
		fmt.Sprint(n), "plan", seconds(m.wall(imports)), seconds(m.wall(floor)), fmt.Sprintf("%.2f", m.wallRatio(floor)), "≤ 1.05",
		met(m.wallRatio(floor) <= 1.05), fmt.Sprintf("%.2f", m.cpuRatio()), count.String(), "0", met(len(count) == 0),
	}}
	if len(count) > 0 {
		return s, fmt.Errorf("a plan of finished imports took the requests %s, expected none", count)
	}
	return s, nil
}
