package permissionassist

import (
	"errors"
	"net/http"
	"sync/atomic"
)

// optionalEndpoint is an endpoint that a server may lack, because its path is
// inferred from others or because the server is old.
type optionalEndpoint struct {
	exists atomic.Bool // it was seen to exist
}

// isMissing reports whether err, the result of a request to the endpoint, means
// that the server does not have it: 404 or 405 without the API's envelope. Once
// the endpoint was seen to exist, such a response is an error like any other.
func (e *optionalEndpoint) isMissing(err error) bool {
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
