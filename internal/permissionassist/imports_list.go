package permissionassist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// ListImports reads the imports of an application, or of all where
// applicationID is empty: each once and as soon as the page it is on was read,
// ordered by build start descending. Whoever has seen enough spares the server
// the other pages. The iteration ends with the first error.
//
// The list moves while it is read. An import that starts meanwhile can jump
// from the last page, not read yet, to the first, read already; so where there
// are several pages, the first is read again in the end. An import that is read
// twice is as it was read first. One that is removed meanwhile moves those
// behind it forward by one, and the one that moves to a page read already is
// missed: whoever has to be sure reads the list again.
func (c *Client) ListImports(ctx context.Context, applicationID string) iter.Seq2[Import, error] {
	return func(yield func(Import, error) bool) {
		seen := map[string]bool{}

		// read gives one page, and tells how many there are and whether to go on.
		read := func(n int) (int, bool) {
			imports, pages, err := c.importPage(ctx, n, applicationID)
			if err != nil {
				yield(Import{}, err)

				return 0, false
			}

			for _, imp := range imports {
				key := strings.ToLower(imp.ID)
				if seen[key] {
					continue
				}

				seen[key] = true

				if !yield(imp, nil) {
					return 0, false
				}
			}

			return pages, true
		}

		n := 1
		pages, more := read(n)

		for more && n < pages {
			n++
			pages, more = read(n)
		}

		if more && n > 1 {
			read(1)
		}
	}
}

// AllImports is what ListImports gives, by number, the highest first.
func (c *Client) AllImports(ctx context.Context, applicationID string) ([]Import, error) {
	var all []Import

	for imp, err := range c.ListImports(ctx, applicationID) {
		if err != nil {
			return nil, err
		}

		all = append(all, imp)
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

// CompleteImport reads what the list's items lack of an import that comes from
// there. Where the server has no API for one import, it is as it was listed. An
// import that has been removed since is ErrNotFound.
func (c *Client) CompleteImport(ctx context.Context, listed Import) (Import, error) {
	full, err := orStandIn(&c.importAPI,
		func() (Import, error) { return c.getImport(ctx, listed.ID) },
		func() (Import, error) { return listed, nil })
	if err != nil {
		return Import{}, err
	}

	return full.withKnown(listed), nil
}

// findListedImport looks for an import in the list: on the first page, where
// the ones that started last stand, then on the last, where those may stand
// that have not started, then on the others.
func (c *Client) findListedImport(ctx context.Context, id, applicationID string) (Import, error) {
	find := func(n int) (Import, int, error) {
		imports, pages, err := c.importPage(ctx, n, applicationID)
		for _, imp := range imports {
			if SameGUID(imp.ID, id) {
				return imp, pages, nil
			}
		}

		if err == nil {
			err = ErrNotListed
		}

		return Import{}, pages, err
	}

	imp, pages, err := find(1)

	for _, n := range lastThenOthers(pages) {
		if !errors.Is(err, ErrNotListed) {
			break
		}

		imp, _, err = find(n)
	}

	if errors.Is(err, ErrNotListed) {
		err = fmt.Errorf("import %s: %w", id, ErrNotListed)
	}

	return imp, err
}

func lastThenOthers(pages int) []int {
	if pages < 2 {
		return nil
	}

	order := []int{pages}
	for n := 2; n < pages; n++ {
		order = append(order, n)
	}

	return order
}

// importPage reads one page of imports and tells how many there are. An empty
// page is the last.
func (c *Client) importPage(ctx context.Context, n int, applicationID string) ([]Import, int, error) {
	filter := url.Values{}
	if applicationID != "" {
		filter.Set("applicationId", applicationID)
	}

	page, err := readPage[wireImport](ctx, c, "application-imports", filter, n)
	if err != nil {
		return nil, 0, err
	}

	if len(page.items()) == 0 {
		return nil, n, nil
	}

	imports := make([]Import, 0, len(page.items()))

	for _, w := range page.items() {
		imp := w.toImport()
		// A server that does not know the filter answers with all of them.
		if applicationID == "" || imp.Application == nil || SameGUID(imp.Application.ID, applicationID) {
			imports = append(imports, imp)
		}
	}

	return imports, page.pages(n), nil
}
