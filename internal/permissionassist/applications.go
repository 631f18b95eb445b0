package permissionassist

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Application is an application whose access Permission Assist reviews. Its
// texts are printable, on one line and at most 200 characters long.
type Application struct {
	// ID is a GUID; compare with SameGUID.
	ID string
	// Name is not unique.
	Name string
	// Priority is None, Low, Moderate, High or Critical; empty if the server does
	// not report it.
	Priority string
	// IsArchived: nothing can be staged for an archived application. nil if the
	// server does not report it.
	IsArchived *bool
	// LastUpdated is an ISO 8601 time as the server reports it, with or without a
	// zone; empty if it does not.
	LastUpdated string
	// Details is a JSON object of the fields that are not documented. Only
	// GetApplication returns it; nil if there are none, or if the list was read
	// instead.
	Details json.RawMessage
	// DetailsTooLarge: Details is nil because it was larger than 64 KiB or nested
	// more than 32 levels deep.
	DetailsTooLarge bool

	// rawName is the name as the server spells it, to compare with.
	rawName string
}

// Priorities returns the documented priorities of an application, the lowest first.
func Priorities() []string { return []string{"None", "Low", "Moderate", "High", "Critical"} }

func (c *Client) application(w wireApplication) Application {
	return Application{
		ID:          w.ID,
		Name:        c.line(w.Name.value),
		Priority:    canonical(c.line(w.Priority.value), Priorities()...),
		IsArchived:  w.IsArchived.value,
		LastUpdated: c.line(w.LastUpdated.value),
		rawName:     w.Name.value,
	}
}

// GetApplication reads one application. If the server does not have the
// endpoint (its path is inferred, not documented), the list is read instead,
// and the error is ErrNotListed rather than ErrNotFound if the application is
// missing.
func (c *Client) GetApplication(ctx context.Context, id string) (Application, error) {
	if err := ValidateGUID(id); err != nil {
		return Application{}, err
	}

	app, err := c.getApplication(ctx, id)
	if !c.getApplicationEndpoint.isMissing(err) {
		return app, err
	}

	apps, err := c.ListApplications(ctx)
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
	resp, err := c.do(ctx, c.get(OperationGetApplication, maxPageBytes, nil, "applications", id))
	if err != nil {
		return Application{}, err
	}

	w, err := decode[wireApplicationDetails](c, resp)
	if err != nil {
		return Application{}, err
	}
	if !SameGUID(w.ID, id) {
		return Application{}, c.wrongItem(resp, w.ID)
	}

	app := c.application(w.wireApplication)
	app.Details, app.DetailsTooLarge = c.json(w.details.raw), w.details.tooLarge
	return app, nil
}

// ListApplications reads all applications, archived ones too, in the server's
// order. All callers of one Client share one scan: concurrent callers wait for
// it, later ones get its result. A scan that fails is not kept.
func (c *Client) ListApplications(ctx context.Context) ([]Application, error) {
	return c.applications.get(ctx, c.scanApplications)
}

// FindApplications returns the applications with a name, from the shared scan,
// in the server's order. Names are compared ignoring case, Unicode form, and
// kind and amount of white space. A name as returned by this package, which may
// be escaped and shortened, also finds its application.
func (c *Client) FindApplications(ctx context.Context, name string) ([]Application, error) {
	all, err := c.ListApplications(ctx)
	if err != nil {
		return nil, err
	}

	var found []Application
	key := nameKey(name)
	for _, app := range all {
		if key == nameKey(app.rawName) || key == nameKey(app.Name) {
			found = append(found, app)
		}
	}
	return found, nil
}

// nameKey returns the form in which names are compared.
func nameKey(name string) string {
	return strings.Join(strings.Fields(norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))), " ")
}

// scanApplications reads the whole list. If the list changes while it is read,
// an application can be missed, and a for_each over the list would destroy its
// import. So the list is complete only if it has as many applications as its
// own count; otherwise it is read again.
func (c *Client) scanApplications(ctx context.Context) ([]Application, error) {
	var seen, total int
	for range 2 {
		var apps []Application
		list := newWalker(func(ctx context.Context, n int) (wirePage[wireApplication], error) {
			return readPage[wireApplication](ctx, c, OperationListApplications, "applications", nil, n)
		})
		for w, err := range list.all(ctx) {
			if c.listApplicationsEndpoint.isMissing(err) {
				err = &MissingEndpointError{Endpoint: "GET /api/applications", Err: err}
			}
			if err != nil {
				return nil, err
			}
			apps = append(apps, c.application(w))
		}
		if list.total == nil || *list.total == len(apps) {
			return apps, nil
		}
		seen, total = len(apps), *list.total
	}
	return nil, fmt.Errorf("the server returned %d applications but reported a total of %d, on two reads in a row: try again", seen, total)
}

// applicationScan keeps the result of one scan of the applications.
type applicationScan struct {
	// turn is a mutex whose waiters can give up; it guards the rest.
	turn chan struct{}
	done bool
	apps []Application
}

func newApplicationScan() applicationScan { return applicationScan{turn: make(chan struct{}, 1)} }

func (s *applicationScan) get(ctx context.Context, scan func(context.Context) ([]Application, error)) ([]Application, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the list of applications: %w", ctx.Err())
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
