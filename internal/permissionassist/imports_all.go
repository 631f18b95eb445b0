package permissionassist

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// AllImports reads all imports of an application, or of all applications where
// applicationID is empty: each once, by number, the highest first.
//
// The list moves while it is read. An import that starts meanwhile can jump
// from the last page, not read yet, to the first, read already; so where there
// are several pages, the first is read again in the end. One that is removed
// meanwhile moves those behind it forward by one, and the one that moves to a
// page read already is missed: nothing that the server says would tell.
func (c *Client) AllImports(ctx context.Context, applicationID string) ([]Import, error) {
	var (
		all   []Import
		index = map[string]int{}
	)

	read := func(n int) (pages int, err error) {
		imports, pages, err := c.importPage(ctx, n, applicationID)

		for _, imp := range imports {
			key := strings.ToLower(imp.ID)
			if i, seen := index[key]; seen {
				// What was read last is the newest.
				all[i] = imp

				continue
			}

			index[key] = len(all)
			all = append(all, imp)
		}

		return pages, err
	}

	pages, err := read(1)

	for n := 2; err == nil && n <= pages; n++ {
		if pages, err = read(n); err == nil && n >= pages {
			_, err = read(1)

			break
		}
	}

	if err != nil {
		return nil, err
	}

	slices.SortStableFunc(all, func(a, b Import) int {
		return cmp.Or(cmp.Compare(b.Number, a.Number), strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)))
	})

	return all, nil
}

// LatestImport reads the import of an application with the highest number. It
// is ErrNoImports where there is none. Where the server has no API for one
// import, what only the full answer has is zero.
func (c *Client) LatestImport(ctx context.Context, applicationID string) (Import, error) {
	if err := ValidateGUID(applicationID); err != nil {
		return Import{}, err
	}

	all, err := c.AllImports(ctx, applicationID)
	if err != nil {
		return Import{}, err
	}

	if len(all) == 0 {
		return Import{}, fmt.Errorf("application %s: %w", applicationID, ErrNoImports)
	}

	return c.CompleteImport(ctx, all[0])
}
