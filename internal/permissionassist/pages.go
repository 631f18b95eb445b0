package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// defaultPageSize is the only page size that the API has.
	defaultPageSize = 50
	// maxPages and maxWalkTime bound the walk over a list on a confused server.
	maxPages    = 2000
	maxWalkTime = 30 * time.Minute
)

// wireItem is an item of a list.
type wireItem interface {
	checker
	itemID() string
}

// wirePage is one page of a list.
type wirePage[T wireItem] struct {
	Items      *elements[T] `json:"items"`
	TotalCount *integer     `json:"totalCount"`
	Page       *integer     `json:"page"`
	PageSize   *integer     `json:"pageSize"`
	TotalPages *integer     `json:"totalPages"`
}

func (w wirePage[T]) items() []T {
	if w.Items == nil {
		return nil
	}
	return *w.Items
}

// pages returns how many pages the list has; false if the page does not report it.
func (w wirePage[T]) pages() (int, bool) {
	switch {
	case w.TotalPages != nil:
		return int(*w.TotalPages), true
	case w.TotalCount != nil:
		size := integer(defaultPageSize)
		if w.PageSize != nil && *w.PageSize > 0 {
			size = *w.PageSize
		}
		return int((*w.TotalCount + size - 1) / size), true
	default:
		return 0, false
	}
}

func (w wirePage[T]) check() error {
	if pages, _ := w.pages(); pages < 0 || pages > maxPages {
		return fmt.Errorf("the list claims to have %d pages", pages)
	}
	if w.Items == nil && w.TotalCount == nil {
		return errors.New("it is not a list (no items)")
	}
	for _, item := range w.items() {
		if err := item.check(); err != nil {
			return err
		}
	}
	return nil
}

// checkNumber returns an error unless this is page n. A server or a cache that
// ignores the number would hide the other pages.
func (w wirePage[T]) checkNumber(n int) error {
	pages, known := w.pages()
	switch {
	case w.Page != nil && int(*w.Page) != n:
		return fmt.Errorf("page %d of the list was requested, and this is page %d", n, *w.Page)
	case len(w.items()) == 0 && known && (n < pages || n == 1 && w.TotalCount != nil && *w.TotalCount > 0):
		return fmt.Errorf("page %d of the list is empty, and the list claims to have more items", n)
	default:
		return nil
	}
}

// readPage reads page n of a list.
func readPage[T wireItem](ctx context.Context, c *Client, operation Operation, collection string, filter url.Values, n int) (wirePage[T], error) {
	query := url.Values{"page": {strconv.Itoa(n)}}
	maps.Copy(query, filter)

	resp, err := c.do(ctx, c.get(operation, maxPageBytes, query, collection))
	if err != nil {
		return wirePage[T]{}, err
	}
	page, err := decode[wirePage[T]](c, resp)
	if err != nil {
		return page, err
	}
	if err := page.checkNumber(n); err != nil {
		return page, c.unexpected(resp, err.Error())
	}
	return page, nil
}

// walker collects the items of a list, each ID once.
type walker[T wireItem] struct {
	read func(ctx context.Context, n int) (wirePage[T], error)
	seen map[string]bool
	// pages is how many pages the list has, as far as is known; 0 before a page was
	// read.
	pages int
	// total is the list's own count of its items; nil if it has none.
	total *int
	// repeats is set if the page read last had only items that were seen before, as
	// on a server that ignores the page's number.
	repeats bool
	start   time.Time
}

func newWalker[T wireItem](read func(ctx context.Context, n int) (wirePage[T], error)) *walker[T] {
	return &walker[T]{read: read, seen: map[string]bool{}, start: time.Now()}
}

// page reads page n and returns the items that were not seen before. last
// reports whether the list ends here: at the last of its pages, or at a page
// that adds nothing.
func (w *walker[T]) page(ctx context.Context, n int) (added []T, last bool, err error) {
	// Not a context deadline: retry would then accept any Retry-After up to that
	// deadline.
	if n > maxPages || time.Since(w.start) > maxWalkTime {
		return nil, false, fmt.Errorf("the list has more than %d pages, or took more than %s to read", maxPages, maxWalkTime)
	}
	page, err := w.read(ctx, n)
	if err != nil {
		return nil, false, err
	}
	for _, item := range page.items() {
		if key := strings.ToLower(item.itemID()); !w.seen[key] {
			w.seen[key] = true
			added = append(added, item)
		}
	}
	w.repeats = len(added) == 0 && len(page.items()) > 0
	if page.TotalCount != nil {
		total := int(*page.TotalCount)
		w.total = &total
	}

	pages, known := page.pages()
	w.pages = max(pages, w.pages, n)
	return added, len(added) == 0 || known && n >= pages, nil
}

// all reads the list from its first page to its last. Each item is yielded as
// soon as its page was read: if the caller stops, the other pages are not
// requested.
func (w *walker[T]) all(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for n, last := 1, false; !last; n++ {
			var (
				added []T
				err   error
			)
			if added, last, err = w.page(ctx, n); err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range added {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}
