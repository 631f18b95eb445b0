package bench

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// names measures look-ups of applications by name.
func names(ctx context.Context, b *bench) (Section, error) {
	const all, pages = 1000, 20
	s := Section{
		Title:  "Look-ups by name",
		Note:   fmt.Sprintf("Plans that look applications up by name among %d, against one that reads all of them at once.", all),
		Header: []string{"plan of", "time", "ratio to one look-up", "requests", "goal", ""},
	}
	srv, err := serve(ctx, sandbox.Options{Applications: applications(all)})
	if err != nil {
		return s, err
	}
	defer srv.close()

	cases := []struct {
		name, config string
	}{
		{"1 look-up", lookUps(1)},
		{"100 look-ups", lookUps(100)},
		{"permissionassist_applications", requirePermissionAssist + "\ndata \"permissionassist_applications\" \"all\" {}\n"},
	}
	folders := make([]*folder, len(cases))
	times := make([][]time.Duration, len(cases))
	counts := make([]requests, len(cases))
	for i, c := range cases {
		if folders[i], err = b.newFolder(ctx, c.config); err != nil {
			return s, err
		}
		folders[i].use(srv)
	}
	for run := range b.Runs {
		err := inTurns(run, len(cases), func(i int) error {
			srv.reset()
			took, err := folders[i].terraform(ctx, planAny...)
			times[i], counts[i] = append(times[i], took.wall), srv.counted()
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
			err = fmt.Errorf("%s took the requests %s, expected are %s", c.name, counts[i], want)
		}
	}
	return s, err
}

// lookUps is a configuration of n look-ups, of applications on every page.
func lookUps(n int) string {
	return fmt.Sprintf(`%s
data "permissionassist_application" "each" {
  count = %d
  name  = format(%q, 10 * count.index)
}
`, requirePermissionAssist, n, nameFormat)
}
