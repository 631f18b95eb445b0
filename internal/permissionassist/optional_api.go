package permissionassist

import (
	"errors"
	"sync/atomic"
)

// optionalAPI is what is known of an API whose path is inferred and not
// documented, so that a server may lack it.
type optionalAPI struct {
	// has: it was seen to answer, so that a 404 of something else is a passing
	// fault.
	has atomic.Bool
	// lacks: it was seen to be missing twice, and what stands in for it not.
	lacks atomic.Bool
}

// orStandIn gets an item through an API or, where the server lacks that, through
// what stands in for it.
func orStandIn[T any](api *optionalAPI, get, standIn func() (T, error)) (T, error) {
	if api.lacks.Load() {
		return standIn()
	}

	item, err := ask(api, get)
	if !isMissingAPI(err) || api.has.Load() {
		return item, err
	}

	item, err = standIn()
	if err != nil && !errors.Is(err, ErrNotListed) {
		return item, err
	}

	// Once more before it is remembered for good: a passing 404 of a proxy must
	// not cost what only the API knows, such as the log of an import.
	again, missing := ask(api, get)
	if missing == nil {
		return again, nil
	}

	if isMissingAPI(missing) && !api.has.Load() {
		api.lacks.Store(true)
	}

	return item, err
}

func ask[T any](api *optionalAPI, get func() (T, error)) (T, error) {
	item, err := get()
	if err == nil || errors.Is(err, ErrNotFound) {
		// Any other error of the API can come from what stands before all of it.
		api.has.Store(true)
	}

	return item, err
}
