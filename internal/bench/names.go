package bench

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// names measures lookups of applications by name.
func names(ctx context.Context, b *bench) (Section, error) {
	const all, pages = 1000, 20
	s := Section{
		Title:  "Lookups by name",
		Note:   fmt.Sprintf("Plans that look up applications by name among %d, and a plan that reads all of them at once.", all),
		Header: []string{"plan of", "time", "ratio to one lookup", "requests", "goal", ""},
	}
	srv := serve(sandbox.Options{Applications: applications(all)})
	defer srv.close()

	cases := []struct {
		name, config string
	}{
		{"1 lookup", lookUps(1)},
		{"100 lookups", lookUps(100)},
		{"permissionassist_applications", requirePermissionAssist + "\ndata \"permissionassist_applications\" \"all\" {}\n"},
	}
	folders := make([]*folder, len(cases))
	times := make([][]time.Duration, len(cases))
	counts := make([]requests, len(cases))
	var err error
	for i, c := range cases {
		if folders[i], err = b.newFolder(ctx, c.config); err != nil {
			return s, err
		}
		folders[i].use(srv.url())
	}
	for run := range b.Runs {
		err := alternate(run, len(cases), func(i int) error {
			srv.reset()
			took, err := folders[i].terraform(ctx, planAny...)
			times[i], counts[i] = append(times[i], took.wall), srv.Counts()
			return err
		})
		if err != nil {
			return s, err
		}
	}
	want := requests{sandbox.OpListApplications: pages}
	for i, c := range cases {
		s.Rows = append(s.Rows, []string{
			c.name, seconds(median(times[i])), fmt.Sprintf("%.2f", medianRatio(times[i], times[0])), counts[i].String(), want.String(),
			met(maps.Equal(counts[i], want)),
		})
		if !maps.Equal(counts[i], want) {
			err = fmt.Errorf("%s took the requests %s, expected %s", c.name, counts[i], want)
		}
	}
	return s, err
}

// lookUps is a configuration of n lookups, of applications on every page.
func lookUps(n int) string {
	return fmt.Sprintf(`%s
data "permissionassist_application" "each" {
  count = %d
  name  = format(%q, 10 * count.index)
}
`, requirePermissionAssist, n, nameFormat)
}
