package permissionassist

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// errIncomplete means that a list never agreed with its own count.
var errIncomplete = errors.New("incomplete list")

// readComplete reads a whole list. If the list changes while it is read, an
// item can be missed. So the list is complete only if it has as many items as
// its own count; otherwise it is read again, once.
func readComplete[W wireItem, T any](ctx context.Context, list walker[W, T]) ([]T, error) {
	var seen, total int
	for range 2 {
		attempt := list
		var items []T
		for item, err := range attempt.all(ctx, false) {
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		if attempt.total == nil || *attempt.total == len(attempt.seen) {
			return items, nil
		}
		seen, total = len(attempt.seen), *attempt.total
	}
	return nil, fmt.Errorf("%w: the server returned %d %s but reported a total of %d, on two reads in a row: try again",
		errIncomplete, seen, strings.TrimPrefix(string(list.operation), "list "), total)
}

// sharedScan keeps the result of one scan of a list for the whole run.
type sharedScan[T any] struct {
	// turn is a mutex with cancelable waiting; it guards the rest.
	turn  chan struct{}
	done  bool
	items []T
	err   error
}

func newSharedScan[T any]() sharedScan[T] { return sharedScan[T]{turn: make(chan struct{}, 1)} }

// get returns the result of the only scan: concurrent callers wait for it,
// later ones get it at once. A scan that fails is not kept, except if the list
// was incomplete: a hundred lookups would read it two hundred times.
func (s *sharedScan[T]) get(ctx context.Context, scan func(context.Context) ([]T, error)) ([]T, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the list: %w", ctx.Err())
	}
	if !s.done {
		items, err := scan(ctx)
		if err != nil && !errors.Is(err, errIncomplete) {
			return nil, err
		}
		s.done, s.items, s.err = true, items, err
	}
	return s.items, s.err
}
