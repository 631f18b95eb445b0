package main

import (
	"context"
	"fmt"
)

// estate measures apply, plan and destroy of n imports. The builds are held,
// which is the most expensive case: the plan reads and the destroy cancels each
// import. It uses count: with for_each, Terraform would spend more on the
// expression than on the resources.
func estate(n int) func(context.Context, *bench, int) ([]line, error) {
	return func(ctx context.Context, b *bench, round int) ([]line, error) {
		srv := serve(applications(n))
		defer srv.close()
		imports, err := b.newFolder(ctx, srv.front.URL, importConfig(n))
		if err != nil {
			return nil, err
		}
		floor, err := b.newFolder(ctx, srv.front.URL, fmt.Sprintf("resource \"time_static\" \"each\" {\n  count = %d\n}\n", n))
		if err != nil {
			return nil, err
		}

		var lines []line
		for _, args := range [][]string{apply, plan, destroy} {
			l := line{name: fmt.Sprintf("%d imports: %s", n, args[0]), other: "time_static"}
			srv.ResetRequests()
			err := alternate(round, func() (err error) {
				peak := watchMemory(b.mirror())
				l.ours, err = imports.run(ctx, args...)
				l.memory = peak()
				return err
			}, func() (err error) {
				l.theirs, err = floor.run(ctx, args...)
				return err
			})
			if err != nil {
				return nil, err
			}
			l.requests = srv.requests()
			if args[0] == "apply" {
				l.state = imports.stateSize() / int64(n)
			}
			lines = append(lines, l)
		}
		return lines, nil
	}
}

// importConfig stages one import of each of n applications.
func importConfig(n int) string {
	return fmt.Sprintf(`
resource "permissionassist_application_import" "each" {
  count          = %d
  application_id = format(%q, count.index)
}
`, n, idFormat)
}
