package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Application is an application whose access Permission Assist reviews. Its
// texts are printable, on one line and at most 200 characters long.
type Application struct {
	// ID is a GUID in lower case.
	ID string
	// Name is not unique.
	Name string
	// Priority is None, Low, Moderate, High or Critical; empty if the server does
	// not report it.
	Priority string
	// IsArchived reports whether the application is archived, so that nothing can
	// be staged for it. nil if the server does not report it.
	IsArchived *bool
	// LastUpdated is an ISO 8601 time as the server reports it, with or without a
	// zone; empty if it does not.
	LastUpdated string
	// rawName is the name as the server spells it, and nameKeys are the keys of
	// that and of Name. Only ListApplications sets them.
	rawName  string
	nameKeys [2]string
}

// Priorities returns the documented priorities of an application, the lowest
// first.
func Priorities() []string { return []string{"None", "Low", "Moderate", "High", "Critical"} }

func (c *Client) application(w wireApplication) Application {
	return Application{
		ID:          string(w.ID),
		Name:        c.line(w.Name.value),
		Priority:    documented(c.line(w.Priority.value), Priorities()),
		IsArchived:  w.IsArchived.value,
		LastUpdated: c.timestamp(w.LastUpdated.value),
	}
}

// GetApplication reads one application. If the server does not have the
// endpoint (its path is inferred, not documented), the list is read instead,
// and the error is ErrNotListed rather than ErrNotFound if the application is
// missing.
func (c *Client) GetApplication(ctx context.Context, id string) (Application, error) {
	w, _, err := getItem[wireApplication](ctx, c, OperationGetApplication, "applications", id)
	if c.getApplicationEndpoint.isMissing(err) || errors.Is(err, ErrTooLarge) {
		return c.findApplication(ctx, id)
	}
	return c.application(w), err
}

func (c *Client) findApplication(ctx context.Context, id string) (Application, error) {
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

// ListApplications reads all applications, archived ones too, in the server's
// order. All callers of one Client share one scan: concurrent callers wait for
// it, later ones get its result. A for_each over an incomplete list would
// destroy imports, so an incomplete list is an error.
func (c *Client) ListApplications(ctx context.Context) ([]Application, error) {
	return c.applications.get(ctx, func(ctx context.Context) ([]Application, error) {
		return readComplete(ctx, walker[wireApplication, Application]{
			client: c, operation: OperationListApplications, endpoint: &c.listApplicationsEndpoint, collection: "applications",
			convert: func(w wireApplication) Application {
				app := c.application(w)
				app.rawName, app.nameKeys = w.Name.value, [2]string{NameKey(w.Name.value), NameKey(app.Name)}
				return app
			},
		})
	})
}

// NameKeys returns the keys of a listed application's name: in the server's
// form, and as returned by this package, which may be escaped and shortened.
func (a Application) NameKeys() []string { return a.nameKeys[:] }

// FindApplications returns the applications with a name, from the shared scan,
// in the server's order. If none has exactly this name, names are compared by
// their keys.
func (c *Client) FindApplications(ctx context.Context, name string) ([]Application, error) {
	all, err := c.ListApplications(ctx)
	if err != nil {
		return nil, err
	}

	exact := slices.DeleteFunc(slices.Clone(all), func(app Application) bool { return app.rawName != name && app.Name != name })
	if len(exact) > 0 {
		return exact, nil
	}
	key := NameKey(name)
	return slices.DeleteFunc(slices.Clone(all), func(app Application) bool { return !slices.Contains(app.nameKeys[:], key) }), nil
}

// NameKey returns the form in which names are compared: ignoring case, Unicode
// form, and kind and amount of white space. A name that was copied from a macOS
// file system can be decomposed (core.precomposeUnicode in
// https://git-scm.com/docs/git-config).
func NameKey(name string) string {
	return strings.Join(strings.Fields(norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))), " ")
}
