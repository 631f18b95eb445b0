package permissionassist

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Lists that must be complete: what their count, their pages and their items
// can report. A configuration with a resource for each application would
// destroy the resources of the missing ones, and a gate would open.
func TestReadComplete(t *testing.T) {
	t.Parallel()

	type pages = []http.HandlerFunc
	part := func(total, from, n int) http.HandlerFunc {
		return page(itemsJSON(from, n), fmt.Sprintf(`,"totalCount":%d,"totalPages":2`, total))
	}
	for name, test := range map[string]struct {
		pages    pages
		want     int // -1: an error
		requests int
	}{
		"empty":             {pages{page(`[]`, `,"totalCount":0,"totalPages":0`)}, 0, 1},
		"no count":          {pages{page(itemsJSON(1, 50), `,"totalPages":2`), page(itemsJSON(51, 10), `,"totalPages":2`)}, 60, 2},
		"no totals":         {pages{page(itemsJSON(1, 3), ``), page(`[]`, ``)}, 3, 2},
		"last count counts": {pages{part(99, 1, 50), part(60, 51, 10)}, 60, 2},
		"one was removed":   {pages{part(60, 1, 50), part(60, 52, 9), part(59, 1, 50), part(59, 52, 9)}, 59, 4},
		"one was added":     {pages{part(60, 1, 50), part(61, 50, 11), part(61, 0, 50), part(61, 50, 11)}, 61, 4},
		"never agrees":      {slices.Repeat(pages{part(60, 1, 50), part(60, 52, 9)}, 2), -1, 4},
		"ignores the page":  {pages{part(60, 1, 50)}, -1, 4},
		"more than counted": {slices.Repeat(pages{part(50, 1, 50), part(50, 51, 10)}, 2), -1, 4},
	} {
		for kind, list := range map[string]func(*Client) (int, error){
			"applications": func(c *Client) (int, error) { all, err := c.ListApplications(t.Context()); return len(all), err },
			"identities":   func(c *Client) (int, error) { all, err := c.ListIdentities(t.Context()); return len(all), err },
			"personnel events": func(c *Client) (int, error) {
				all, err := c.ListPersonnelEvents(t.Context(), PersonnelEventFilter{})
				return len(all), err
			},
		} {
			r := responding(test.pages...)
			got, err := list(newTestClient(t, r))
			if (err != nil) != (test.want < 0) || err == nil && got != test.want || len(r.recorded()) != test.requests {
				t.Errorf("%s, %s: %d items, %v, %d requests", name, kind, got, err, len(r.recorded()))
			}
			if err != nil {
				wantContains(t, err.Error(), kind, "on two reads in a row")
			}
		}
	}
}

// All callers share one scan, and the error of an incomplete list. Another
// failed scan is not kept, and a waiting caller can give up.
func TestSharedScan(t *testing.T) {
	t.Parallel()

	calls := map[string]func(context.Context, *Client) error{"applications": listApplications, "identities": gates["identities"].call}
	for name, test := range map[string]struct {
		first    http.HandlerFunc
		requests int
	}{
		"complete":   {page(itemsJSON(1, 50), `,"totalCount":50`), 1},
		"incomplete": {page(itemsJSON(1, 50), `,"totalCount":51,"totalPages":1`), 2},
		"failed":     {replyJSON(403, envelopeJSON("forbidden", "No")), 20},
	} {
		for list, call := range calls {
			r := responding(test.first)
			c := newTestClient(t, r)
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() { _ = call(t.Context(), c) })
			}
			wg.Wait()
			if got := len(r.recorded()); got != test.requests {
				t.Errorf("%s, %s: %d requests, want %d", list, name, got, test.requests)
			}
		}
	}

	inBubble(t, "canceled", func(t *testing.T) {
		r := responding(hanging, listOf(`{"id":"`+appID+`"}`))
		c := newTestClient(t, r, maxRetries(0))
		scanning := cancelAfter(t, 10*time.Second)
		var wg sync.WaitGroup
		// The caller that scans, a caller that gives up early, and one that stays.
		wg.Go(func() { wantErrorIs(t, listApplications(scanning, c), context.Canceled) })
		synctest.Wait()
		wg.Go(func() {
			start := time.Now()
			wantErrorIs(t, listApplications(cancelAfter(t, time.Second), c), context.Canceled)
			wantElapsed(t, start, time.Second, time.Second)
		})
		wg.Go(func() {
			if apps, err := c.ListApplications(t.Context()); err != nil || len(apps) != 1 {
				t.Errorf("%v, %v", apps, err)
			}
		})
		wg.Wait()
		if len(r.recorded()) != 2 {
			t.Errorf("the requests are %v", r.recorded())
		}
	})
}
