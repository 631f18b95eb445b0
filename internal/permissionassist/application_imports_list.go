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

// importWalker walks over the imports of an application; of all applications if
// applicationID is empty. A server that does not know the filter returns
// imports of other applications too.
func (c *Client) importWalker(applicationID string) *walker[wireApplicationImport, ApplicationImport] {
	filter := url.Values{}
	if applicationID != "" {
		filter.Set("applicationId", applicationID)
	}
	return &walker[wireApplicationImport, ApplicationImport]{
		client: c, operation: OperationListImports, endpoint: &c.listImportsEndpoint, collection: "application-imports", filter: filter,
		convert: c.applicationImport, belongs: func(imp ApplicationImport) bool { return imp.MayBelongTo(applicationID) },
	}
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
	return c.importWalker(applicationID).all(ctx, true)
}

// AllApplicationImports returns the imports that ListApplicationImports reads,
// by number, the highest first.
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

// maxNumberGap is the largest sane distance between the numbers of two imports.
// A server counts them one by one.
const maxNumberGap = 1_000_000

// sortByNumber sorts imports by number, the highest first. Numbers far above
// the others come last: one absurd number must not pass for the highest.
func sortByNumber(imports []ApplicationImport) {
	slices.SortStableFunc(imports, func(a, b ApplicationImport) int {
		return cmp.Or(cmp.Compare(b.Number, a.Number), strings.Compare(a.ID, b.ID))
	})

	numbered := len(imports)
	for numbered > 0 && imports[numbered-1].Number == 0 {
		numbered--
	}
	highest := numbered / 2 // the median, which no single number can move far
	for highest > 0 && imports[highest-1].Number-imports[highest].Number <= maxNumberGap {
		highest--
	}
	copy(imports, slices.Concat(imports[highest:], imports[:highest]))
}

// RecentApplicationImports returns the imports of an application that have not
// started and those that started last, by number, the highest first. It does
// not read a long history.
func (c *Client) RecentApplicationImports(ctx context.Context, applicationID string) ([]ApplicationImport, error) {
	return c.recentImports(ctx, applicationID, nil)
}

// recentImports returns the recent imports that have one of the statuses. It
// reads pages from the front of the list until one has a started import with
// such a status, and pages from the back until one has a started import.
//
// The list is ordered by build start, descending. The reference does not say
// whether imports without a build start come first or last; *inferred* from SQL
// Server, which sorts NULL as the lowest value: last
// (https://learn.microsoft.com/sql/t-sql/queries/select-order-by-clause-transact-sql).
// The list of a server with a pending import would settle it. An import can
// start meanwhile and jump to the first page, so that is read again at the end.
func (c *Client) recentImports(ctx context.Context, applicationID string, statuses []string) ([]ApplicationImport, error) {
	// Imports that have not ended are all recent. Others can be on any page, and
	// the first page with a match has the latest of those that have started.
	onlyUnfinished := subset(statuses, StatusPending, StatusRunning, StatusCanceling)
	r := recentReader{list: c.importWalker(applicationID), statuses: statuses}
	front := 1
	done, last, err := r.read(ctx, front, onlyUnfinished)
	for err == nil && !done && !last {
		front++
		done, last, err = r.read(ctx, front, onlyUnfinished)
	}
	if !subset(statuses, StatusFinished, StatusFailed) { // it may not have started
		done = false
		for back := r.list.pages; err == nil && !done && back > front; back-- {
			done, _, err = r.read(ctx, back, true)
		}
		if err == nil && r.list.pages > 1 {
			_, _, err = r.read(ctx, 1, true)
		}
	}
	if err != nil {
		return nil, err
	}
	sortByNumber(r.found)
	return r.found, nil
}

// recentReader collects the imports that have one of the statuses.
type recentReader struct {
	list     *walker[wireApplicationImport, ApplicationImport]
	statuses []string
	found    []ApplicationImport
}

// read reads a page. done reports whether it has a started import with one of
// the statuses, or with any.
func (r *recentReader) read(ctx context.Context, n int, anyStatus bool) (done, last bool, err error) {
	added, last, err := r.list.page(ctx, n)
	for _, imp := range added {
		matches := imp.HasStatus(r.statuses)
		done = done || imp.BuildStart != "" && (matches || anyStatus)
		if matches {
			r.found = append(r.found, imp)
		}
	}
	// An empty page is not enough: the list became shorter while it was read.
	return done || r.list.repeats, last, err
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
	recent, err := c.recentImports(ctx, applicationID, statuses)
	if err != nil {
		return ApplicationImport{}, err
	}
	if len(recent) == 0 {
		return ApplicationImport{}, fmt.Errorf("application %s: %w", applicationID, ErrNoImports)
	}
	return c.completeOf(ctx, applicationID, recent[0])
}

// completeOf is CompleteApplicationImport for an import that was found by its
// application, which the list need not name.
func (c *Client) completeOf(ctx context.Context, applicationID string, listed ApplicationImport) (ApplicationImport, error) {
	imp, err := c.CompleteApplicationImport(ctx, listed)
	return imp, cmp.Or(err, imp.checkApplication(applicationID))
}

// subset reports whether there are statuses, and each is one of set.
func subset(statuses []string, set ...Status) bool {
	return len(statuses) > 0 && !slices.ContainsFunc(statuses, func(status string) bool {
		return !slices.ContainsFunc(set, func(s Status) bool { return strings.EqualFold(status, string(s)) })
	})
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
			return c.completeOf(ctx, applicationID, imp)
		}
	}
	return ApplicationImport{}, fmt.Errorf("import #%d of application %s: %w", number, applicationID, ErrNoImports)
}

// findInList looks for an import in the list: first among the recent ones,
// which include all unfinished imports, then among all.
func (c *Client) findInList(ctx context.Context, id, applicationID string) (ApplicationImport, error) {
	recent, err := c.RecentApplicationImports(ctx, applicationID)
	if err != nil {
		return ApplicationImport{}, err
	}
	if i := slices.IndexFunc(recent, func(imp ApplicationImport) bool { return SameGUID(imp.ID, id) }); i >= 0 {
		return recent[i], nil
	}

	for imp, err := range c.ListApplicationImports(ctx, applicationID) {
		switch {
		case errors.Is(err, errListTooLong):
			// An import that is not among the recent ones has started, and a list is
			// ordered by start: as many as a walk reads have started since.
			return ApplicationImport{}, fmt.Errorf("import %s: %w, as far as it was read", id, ErrNotListed)
		case err != nil:
			return ApplicationImport{}, err
		case SameGUID(imp.ID, id):
			return imp, nil
		}
	}
	return ApplicationImport{}, fmt.Errorf("import %s: %w", id, ErrNotListed)
}
