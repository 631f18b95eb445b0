package permissionassist

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// findInList looks for an import in the list: first among the recent ones,
// which include all unfinished imports, then among all.
func (c *Client) findInList(ctx context.Context, id, applicationID string) (ApplicationImport, error) {
	isIt := func(imp ApplicationImport) bool { return SameGUID(imp.ID, id) }

	recent, err := c.RecentApplicationImports(ctx, applicationID)
	if err != nil {
		return ApplicationImport{}, err
	}
	if i := slices.IndexFunc(recent, isIt); i >= 0 {
		return recent[i], nil
	}

	for imp, err := range c.ListApplicationImports(ctx, applicationID) {
		if err != nil {
			return ApplicationImport{}, err
		}
		if isIt(imp) {
			return imp, nil
		}
	}
	return ApplicationImport{}, fmt.Errorf("import %s: %w", id, ErrNotListed)
}

// importWalker walks over the imports of an application; of all applications if
// applicationID is empty.
func (c *Client) importWalker(applicationID string) *walker[wireApplicationImport] {
	filter := url.Values{}
	if applicationID != "" {
		filter.Set("applicationId", applicationID)
	}
	return newWalker(func(ctx context.Context, n int) (wirePage[wireApplicationImport], error) {
		page, err := readPage[wireApplicationImport](ctx, c, OperationListImports, "application-imports", filter, n)
		if c.listImportsEndpoint.isMissing(err) {
			err = &MissingEndpointError{Endpoint: "GET /api/application-imports", Err: err}
		}
		return page, err
	})
}

// listed converts the items of a list. A server that does not know the filter
// returns imports of other applications too.
func (c *Client) listed(items []wireApplicationImport, applicationID string) []ApplicationImport {
	imports := make([]ApplicationImport, 0, len(items))
	for _, w := range items {
		imp := c.applicationImport(w)
		if applicationID == "" || imp.Application == nil || SameGUID(imp.Application.ID, applicationID) {
			imports = append(imports, imp)
		}
	}
	return imports
}

// ListApplicationImports reads the imports of an application, or of all if
// applicationID is empty, ordered by build start, descending, except for
// imports that started meanwhile, which come last. Each is yielded once, as
// soon as its page was read. The iteration ends with the first error.
//
// The list changes while it is read. An import that starts meanwhile can jump
// from the last page, not read yet, to the first. So if there are several
// pages, the first is read again at the end. An import that moves to an earlier
// page because another was removed is missed.
func (c *Client) ListApplicationImports(ctx context.Context, applicationID string) iter.Seq2[ApplicationImport, error] {
	return func(yield func(ApplicationImport, error) bool) {
		list := c.importWalker(applicationID)
		for w, err := range list.all(ctx) {
			if err != nil {
				yield(ApplicationImport{}, err)
				return
			}
			for _, imp := range c.listed([]wireApplicationImport{w}, applicationID) {
				if !yield(imp, nil) {
					return
				}
			}
		}
		if list.pages == 1 {
			return
		}

		added, _, err := list.page(ctx, 1)
		if err != nil {
			yield(ApplicationImport{}, err)
			return
		}
		for _, imp := range c.listed(added, applicationID) {
			if !yield(imp, nil) {
				return
			}
		}
	}
}

// AllApplicationImports returns the imports that ListApplicationImports reads, by
// number, the highest first.
func (c *Client) AllApplicationImports(ctx context.Context, applicationID string) ([]ApplicationImport, error) {
	var all []ApplicationImport
	for imp, err := range c.ListApplicationImports(ctx, applicationID) {
		if err != nil {
			return nil, err
		}
		all = append(all, imp)
	}
	sortByNumber(all)
	return all, nil
}

func sortByNumber(imports []ApplicationImport) {
	slices.SortStableFunc(imports, func(a, b ApplicationImport) int {
		return cmp.Or(cmp.Compare(b.Number, a.Number), strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)))
	})
}

// RecentApplicationImports returns the imports of an application that have not
// started and those that started last, by number, the highest first. It does not
// read a long history.
//
// The list is ordered by build start, descending. The reference does not say
// whether imports without a build start come first or last. So
// RecentApplicationImports reads pages from both ends, until a page has an
// import that has started. An import can start meanwhile and jump to the first
// page, so that is read again at the end.
func (c *Client) RecentApplicationImports(ctx context.Context, applicationID string) ([]ApplicationImport, error) {
	var recent []ApplicationImport
	list := c.importWalker(applicationID)
	// read reports whether the pages after this one, seen from its end of the list,
	// hold only older imports.
	read := func(n int) (enough, last bool, err error) {
		added, last, err := list.page(ctx, n)
		imports := c.listed(added, applicationID)
		recent = append(recent, imports...)
		started := slices.ContainsFunc(imports, func(i ApplicationImport) bool { return i.BuildStart != "" })

		// An empty page is not enough: the list became shorter while it was read.
		return started || list.repeats, last, err
	}

	front := 1
	enough, last, err := read(front)
	for err == nil && !enough && !last {
		front++
		enough, last, err = read(front)
	}
	enough = false
	for back := list.pages; err == nil && !enough && back > front; back-- {
		enough, _, err = read(back)
	}
	if err == nil && list.pages > 1 {
		_, _, err = read(1)
	}
	if err != nil {
		return nil, err
	}
	sortByNumber(recent)
	return recent, nil
}

// LatestApplicationImport reads the import of an application with the highest
// number, with its log; if statuses are given, the latest with one of them,
// ignoring case. The error is ErrNoImports if there is none. If the server does
// not have the endpoint for one import, fields that only the full response has
// are zero.
func (c *Client) LatestApplicationImport(ctx context.Context, applicationID string, statuses ...string) (ApplicationImport, error) {
	if err := ValidateGUID(applicationID); err != nil {
		return ApplicationImport{}, err
	}

	var found []ApplicationImport
	// Imports that have not ended are all recent. A Finished or Failed import has
	// started, so it is not among the imports without a build start.
	if len(statuses) == 0 || !subset(statuses, StatusFinished, StatusFailed) {
		recent, err := c.RecentApplicationImports(ctx, applicationID)
		if err != nil {
			return ApplicationImport{}, err
		}
		found = withStatus(recent, statuses)
	}
	// The recent ones can include the oldest: they share the last page with imports
	// that have not started.
	if !subset(statuses, StatusPending, StatusRunning, StatusCanceling) {
		first, err := c.firstWithStatus(ctx, applicationID, statuses)
		if err != nil {
			return ApplicationImport{}, err
		}
		found = append(found, first...)
	}
	sortByNumber(found)
	if len(found) == 0 {
		return ApplicationImport{}, fmt.Errorf("application %s: %w", applicationID, ErrNoImports)
	}
	return c.CompleteApplicationImport(ctx, found[0])
}

// firstWithStatus returns the imports with one of the statuses on the first page
// that has any.
func (c *Client) firstWithStatus(ctx context.Context, applicationID string, statuses []string) ([]ApplicationImport, error) {
	list := c.importWalker(applicationID)
	for n := 1; ; n++ {
		added, last, err := list.page(ctx, n)
		if err != nil {
			return nil, err
		}
		found := withStatus(c.listed(added, applicationID), statuses)
		if len(found) > 0 || last {
			return found, nil
		}
	}
}

// FindApplicationImport reads the import of an application that has the number,
// like LatestApplicationImport.
func (c *Client) FindApplicationImport(ctx context.Context, applicationID string, number int64) (ApplicationImport, error) {
	if err := ValidateGUID(applicationID); err != nil {
		return ApplicationImport{}, err
	}

	for imp, err := range c.ListApplicationImports(ctx, applicationID) {
		switch {
		case err != nil:
			return ApplicationImport{}, err
		case imp.Number == number:
			return c.CompleteApplicationImport(ctx, imp)
		}
	}
	return ApplicationImport{}, fmt.Errorf("import #%d of application %s: %w", number, applicationID, ErrNoImports)
}

// subset reports whether each status is one of set.
func subset(statuses []string, set ...Status) bool {
	return !slices.ContainsFunc(statuses, func(status string) bool {
		return !slices.ContainsFunc(set, func(s Status) bool { return strings.EqualFold(status, string(s)) })
	})
}

// withStatus returns the imports that have one of the statuses.
func withStatus(imports []ApplicationImport, statuses []string) []ApplicationImport {
	return slices.DeleteFunc(imports, func(i ApplicationImport) bool { return !i.HasStatus(statuses) })
}
