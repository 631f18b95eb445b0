package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	// defaultPageSize is the only page size that the API has
	// (/latest/api/ of the vendor's reference).
	defaultPageSize = 50
	// The budget of one walk over a list. It bounds what is read of a list, not
	// what the list claims to have: a server with 200,000 imports is a healthy
	// one. A page counts as a full one, so that the items bound the requests too.
	maxWalkItems = 100_000
	maxWalkBytes = 64 << 20
	maxWalkTime  = 30 * time.Minute
)

// errListTooLong means that the budget of a walk ended before the list.
var errListTooLong = fmt.Errorf("%w: the list is longer than %d items or %d MiB, or took more than %s to read", ErrTooLarge,
	maxWalkItems, maxWalkBytes>>20, maxWalkTime)

// wireItem is an item of a list.
type wireItem interface {
	checker
	itemID() wireGUID
}

// wirePage is one page of a list.
type wirePage[W wireItem] struct {
	Items      elements[W] `json:"items"` // nil if there is no array
	TotalCount *integer    `json:"totalCount"`
	Page       *integer    `json:"page"`
	PageSize   *integer    `json:"pageSize"`
	TotalPages *integer    `json:"totalPages"`
}

// pages returns how many pages the list has; false if the page does not report
// it.
func (w wirePage[W]) pages() (int, bool) {
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

func (w wirePage[W]) check() error {
	if pages, _ := w.pages(); pages < 0 {
		return fmt.Errorf("the list claims to have %d pages", pages)
	}
	if w.Items == nil && w.TotalCount == nil {
		return errors.New("it is not a list (no items)")
	}
	for _, item := range w.Items {
		if err := item.check(); err != nil {
			return err
		}
	}
	return nil
}

// checkNumber returns an error unless this is page n. A server or a cache that
// ignores the number would hide the other pages.
func (w wirePage[W]) checkNumber(n int) error {
	pages, known := w.pages()
	switch {
	case w.Page != nil && int(*w.Page) != n:
		return fmt.Errorf("page %d of the list was requested, and this is page %d", n, *w.Page)
	case len(w.Items) == 0 && known && (n < pages || n == 1 && w.TotalCount != nil && *w.TotalCount > 0):
		return fmt.Errorf("page %d of the list is empty, and the list claims to have more items", n)
	default:
		return nil
	}
}

// walker reads the pages of a list and converts its items, each ID once.
type walker[W wireItem, T any] struct {
	client     *Client
	operation  Operation
	endpoint   *optionalEndpoint // nil if nothing has to be remembered of it
	collection string
	filter     url.Values
	convert    func(W) T
	// belongs reports whether an item belongs to the result; nil if all do.
	belongs func(T) bool

	seen  map[wireGUID]bool
	start time.Time
	// items and bytes are how much of the budget was used.
	items, bytes int
	// pages is how many pages the list has, as far as is known; 0 before a page
	// was read.
	pages int
	// total is the list's own count of its items; nil if it has none.
	total *int
	// repeats is set if the page read last had only items that were seen before,
	// as on a server that ignores the page's number.
	repeats bool
}

// page reads page n and returns the items that were not seen before. last
// reports whether the list ends here: at the last of its pages, or at a page
// that adds nothing.
func (w *walker[W, T]) page(ctx context.Context, n int) (added []T, last bool, err error) {
	if w.seen == nil {
		w.seen, w.start = map[wireGUID]bool{}, time.Now()
	}
	// Not a context deadline: retry would then accept any Retry-After up to that
	// deadline.
	if w.items >= maxWalkItems || w.bytes >= maxWalkBytes || time.Since(w.start) > maxWalkTime {
		return nil, false, errListTooLong
	}

	page, err := w.read(ctx, n)
	if err != nil {
		return nil, false, err
	}
	w.items += max(len(page.Items), defaultPageSize)
	fresh := 0
	for _, item := range page.Items {
		if w.seen[item.itemID()] {
			continue
		}
		w.seen[item.itemID()] = true
		fresh++
		if converted := w.convert(item); w.belongs == nil || w.belongs(converted) {
			added = append(added, converted)
		}
	}
	w.repeats = fresh == 0 && len(page.Items) > 0
	if page.TotalCount != nil {
		total := int(*page.TotalCount)
		w.total = &total
	}

	pages, known := page.pages()
	w.pages = max(pages, w.pages, n)
	return added, fresh == 0 || known && n >= pages, nil
}

func (w *walker[W, T]) read(ctx context.Context, n int) (wirePage[W], error) {
	query := url.Values{"page": {strconv.Itoa(n)}}
	maps.Copy(query, w.filter)

	resp, err := w.client.do(ctx, w.client.get(w.operation, maxPageBytes, query, w.collection))
	if w.endpoint.isMissing(err) {
		err = &MissingEndpointError{Endpoint: "GET /api/" + w.collection, Err: err}
	}
	if err != nil {
		return wirePage[W]{}, err
	}
	w.bytes += len(resp.body)
	page, err := decode[wirePage[W]](w.client, resp)
	if err != nil {
		return page, err
	}
	if err := page.checkNumber(n); err != nil {
		return page, w.client.unexpected(resp, err)
	}
	return page, nil
}

// all reads the list from its first page to its last. Each item is yielded as
// soon as its page was read: if the caller stops, the other pages are not
// requested. The iteration ends with the first error. With firstAgain, the
// first of several pages is read again in the end.
func (w *walker[W, T]) all(ctx context.Context, firstAgain bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for n, again := 1, false; ; n++ {
			added, last, err := w.page(ctx, n)
			for _, item := range added {
				if !yield(item, nil) {
					return
				}
			}
			switch {
			case err != nil:
				var none T
				yield(none, err)
				return
			case again, last && (n == 1 || !firstAgain):
				return
			case last:
				n, again = 0, true
			}
		}
	}
}

// optionalEndpoint is an endpoint that a server may lack, because its path is
// inferred from others or because the server is old.
type optionalEndpoint struct {
	exists atomic.Bool // it was seen to exist
}

// isMissing reports whether err, the result of a request to the endpoint, means
// that the server does not have it: 404 or 405 without the API's envelope. Once
// the endpoint was seen to exist, such a response is an error like any other.
func (e *optionalEndpoint) isMissing(err error) bool {
	if e == nil {
		return IsMissingEndpoint(err)
	}
	if err == nil || errors.Is(err, ErrNotFound) {
		e.exists.Store(true)
	}
	return !e.exists.Load() && IsMissingEndpoint(err)
}

// IsMissingEndpoint reports whether err is the response of a server that does
// not have the requested path: 404 or 405 without the API's envelope.
func IsMissingEndpoint(err error) bool {
	var unexpected *UnexpectedResponseError
	return errors.As(err, &unexpected) &&
		(unexpected.StatusCode == http.StatusNotFound || unexpected.StatusCode == http.StatusMethodNotAllowed)
}
