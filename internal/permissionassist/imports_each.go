package permissionassist

import (
	"context"
	"iter"
	"strings"
)

// EachImport gives what AllImports gives, each import as soon as the page it is
// on was read, in the order of the pages: whoever has seen enough spares the
// server the others. The iteration ends with the first error.
func (c *Client) EachImport(ctx context.Context, applicationID string) iter.Seq2[Import, error] {
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
			// For what has started meanwhile, as AllImports has it.
			read(1)
		}
	}
}

// CompleteImport reads what the list's items lack of an import that comes from
// there. Where the server has no API for one import, it is as it was listed. An
// import that has been removed since is ErrNotFound.
func (c *Client) CompleteImport(ctx context.Context, listed Import) (Import, error) {
	if c.noGetImport.Load() {
		return listed, nil
	}

	full, err := c.getImport(ctx, listed.ID)

	switch {
	case isMissingAPI(err) && !c.hasGetImport.Load():
		if again, ok := c.getImportAgain(ctx, listed.ID); ok {
			return again.withKnown(listed), nil
		}

		return listed, nil
	case err != nil:
		return Import{}, err
	}

	return full.withKnown(listed), nil
}
