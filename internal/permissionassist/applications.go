package permissionassist

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Application is an application whose access Permission Assist reviews.
type Application struct {
	// ID is a GUID; compare with SameGUID.
	ID string
	// Name is what people call it. Names are not unique.
	Name string
	// Priority is None, Low, Moderate, High or Critical; empty where the
	// server did not say.
	Priority string
	// IsArchived: nothing can be staged for an archived application. nil where
	// the server did not say.
	IsArchived *bool
	// LastUpdated is an ISO 8601 time as the server reported it, with or
	// without a zone; empty where it did not.
	LastUpdated string
	// Details is a JSON object of what the server says of the application
	// beyond the fields that are documented. Only GetApplication has it; nil
	// where there is nothing, or where the list stood in.
	Details json.RawMessage
}

// Priorities are the documented priorities of an application, the lowest first.
func Priorities() []string { return []string{"None", "Low", "Moderate", "High", "Critical"} }

func (w *wireApplication) application() Application {
	return Application{
		ID:          w.ID,
		Name:        w.Name.value,
		Priority:    canonical(w.Priority.value, Priorities()...),
		IsArchived:  w.IsArchived.value,
		LastUpdated: w.LastUpdated.value,
	}
}

// GetApplication reads one application. Where the server has no API for one
// (the path is inferred, not documented), the list stands in; then an
// application that is missing from it is ErrNotListed instead of ErrNotFound.
func (c *Client) GetApplication(ctx context.Context, id string) (Application, error) {
	if err := ValidateGUID(id); err != nil {
		return Application{}, err
	}

	return orStandIn(&c.applicationAPI,
		func() (Application, error) { return c.getApplication(ctx, id) },
		func() (Application, error) { return c.findListedApplication(ctx, id) })
}

func (c *Client) findListedApplication(ctx context.Context, id string) (Application, error) {
	apps, err := c.ListApplications(ctx)
	if isMissingAPI(err) {
		return Application{}, &MissingAPIError{API: "GET /api/applications/{id} and GET /api/applications", Err: err}
	}

	if err != nil {
		return Application{}, err
	}

	for _, app := range apps {
		if SameGUID(app.ID, id) {
			return app, nil
		}
	}

	return Application{}, fmt.Errorf("application %s: %w", id, ErrNotListed)
}

func (c *Client) getApplication(ctx context.Context, id string) (Application, error) {
	var w wireApplicationDetails
	if err := c.get(ctx, []string{"applications", id}, nil, &w); err != nil {
		return Application{}, err
	}

	if !SameGUID(w.ID, id) {
		return Application{}, c.wrongItem(http.StatusOK, http.MethodGet, "applications/"+id, w.ID)
	}

	app := w.application()
	app.Details = w.details

	return app, nil
}

// wrongItem is the error for an answer that is about something else than what
// was asked for, as a confused cache or proxy gives it.
func (c *Client) wrongItem(status int, method, path, got string) error {
	return &UnexpectedResponseError{
		StatusCode: status, Method: method, Path: c.base.Path + "/" + path,
		Reason: "the answer is about another item, " + c.clean(got), Excerpt: c.clean(got),
	}
}

// ListApplications reads all applications, archived ones too, in the server's
// order. All callers of one Client share one scan: concurrent ones wait for
// it, later ones get its result. A scan that fails is not kept.
func (c *Client) ListApplications(ctx context.Context) ([]Application, error) {
	return c.applications.get(ctx, c.scanApplications)
}

// FindApplications gives the applications with that name, compared without
// regard to case and to white space around it. There can be any number.
func (c *Client) FindApplications(ctx context.Context, name string) ([]Application, error) {
	all, err := c.ListApplications(ctx)
	if err != nil {
		return nil, err
	}

	var found []Application

	for _, app := range all {
		if strings.EqualFold(strings.TrimSpace(app.Name), strings.TrimSpace(name)) {
			found = append(found, app)
		}
	}

	return found, nil
}

// scanApplications reads the whole list. Where that moves while it is read, an
// application can be missed, and whoever has a resource for each of them would
// destroy that one's: so the list is read again, until what was read is as many
// as the server says, or the same as the time before.
func (c *Client) scanApplications(ctx context.Context) ([]Application, error) {
	const most = 4

	var before []Application

	for range most {
		scan, err := c.scanApplicationsOnce(ctx)
		if err != nil {
			return nil, err
		}

		if scan.whole() || before != nil && sameApplications(before, scan.applications) && !scan.short() {
			return scan.applications, nil
		}

		before = scan.applications
	}

	return nil, &UnexpectedResponseError{
		StatusCode: http.StatusOK, Method: http.MethodGet, Path: c.base.Path + "/applications",
		Reason:  fmt.Sprintf("the list of applications was not whole, or another one, each of the %d times it was read", most),
		Excerpt: fmt.Sprintf("%d items", len(before)),
	}
}

// listScan is what one reading of a list from its first page to its last gave.
type listScan struct {
	applications []Application // each once
	items        int           // as they were listed
	total        *int          // as the server said last
	moved        bool          // it has said different totals
}

// whole: the server has as many as were read.
func (s *listScan) whole() bool {
	return !s.moved && (s.total == nil || *s.total == len(s.applications))
}

// short: one was listed twice, in the place of another.
func (s *listScan) short() bool {
	return s.total != nil && s.items >= *s.total && len(s.applications) < *s.total
}

func (c *Client) scanApplicationsOnce(ctx context.Context) (*listScan, error) {
	var (
		scan listScan
		seen = map[string]bool{}
	)

	for n := 1; ; n++ {
		page, err := readPage[wireApplication](ctx, c, "applications", nil, n)
		if err != nil {
			return nil, err
		}

		for _, w := range page.items() {
			scan.items++

			// The list can move while it is read, and show one twice.
			if key := strings.ToLower(w.ID); !seen[key] {
				seen[key] = true

				scan.applications = append(scan.applications, w.application())
			}
		}

		if page.TotalCount != nil {
			scan.moved = scan.moved || scan.total != nil && *scan.total != *page.TotalCount
			scan.total = page.TotalCount
		}

		// A page can have fewer items than the API's pages are said to have.
		more := n < page.pages(n) || scan.total != nil && scan.items < *scan.total
		if !more || len(page.items()) == 0 {
			return &scan, nil
		}
	}
}

func sameApplications(a, b []Application) bool {
	return slices.EqualFunc(a, b, func(a, b Application) bool { return SameGUID(a.ID, b.ID) })
}

// readPage reads the n-th page of a list and makes sure that it is that page: a
// server or cache that ignores the number would otherwise hide the others.
func readPage[T any](ctx context.Context, c *Client, collection string, filter url.Values, n int) (*wirePage[T], error) {
	query := url.Values{"page": {strconv.Itoa(n)}}
	maps.Copy(query, filter)

	var page wirePage[T]
	if err := c.get(ctx, []string{collection}, query, &page); err != nil {
		return nil, err
	}

	if got := page.Page; got != nil && *got != n {
		return nil, &UnexpectedResponseError{
			StatusCode: http.StatusOK, Method: http.MethodGet, Path: c.base.Path + "/" + collection,
			Reason:  fmt.Sprintf("page %d of the list was asked for, and the answer is page %d", n, *got),
			Excerpt: "page " + strconv.Itoa(*got),
		}
	}

	if page.lacksItems(n) {
		return nil, &UnexpectedResponseError{
			StatusCode: http.StatusOK, Method: http.MethodGet, Path: c.base.Path + "/" + collection,
			Reason: fmt.Sprintf("page %d of the list is empty, although it tells of more items", n), Excerpt: "no items",
		}
	}

	return &page, nil
}

// applicationScan keeps the result of one scan of the applications.
type applicationScan struct {
	// turn is a mutex whose waiters can give up; it guards the rest.
	turn chan struct{}
	done bool
	apps []Application
}

func (s *applicationScan) init() { s.turn = make(chan struct{}, 1) }

func (s *applicationScan) get(ctx context.Context, scan func(context.Context) ([]Application, error)) ([]Application, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the list of applications to be read: %w", ctx.Err())
	}

	if s.done {
		return s.apps, nil
	}

	apps, err := scan(ctx)
	if err != nil {
		return nil, err
	}

	s.done, s.apps = true, apps

	return apps, nil
}
