package permissionassist

import (
	"errors"
	"net/http"
)

// Processed is whether the server may have processed a request that failed.
type Processed int

const (
	// ProcessedUnknown means that the server may have processed the request, or
	// may still process it.
	ProcessedUnknown Processed = iota
	// ProcessedUnlikely means that the server should not have processed the
	// request. An exception that is thrown after an import was created looks the
	// same, and so does a firewall that replaces the response. IIS refuses an
	// upload over its limit with a page, too
	// (https://learn.microsoft.com/iis/configuration/system.webserver/security/requestfiltering/requestlimits/).
	ProcessedUnlikely
	// ProcessedNo means that the server has certainly not processed the request.
	ProcessedNo
)

// ProcessedOf returns whether the server may have processed the request that
// ended with err. Only this function decides it: a POST that stages is repeated
// only on ProcessedNo, and package staging has a row of its table for each
// value.
func ProcessedOf(err error) Processed {
	// nginx gave up on one of its two connections
	// (https://github.com/nginx/nginx/blob/master/src/http/ngx_http_request.h).
	const clientClosedRequest = 499

	var (
		failed failure
		api    *APIError
	)
	if !errors.As(err, &failed) {
		return ProcessedUnknown
	}
	about, response := failed.request(), failed.response()
	isAPI := response.StatusCode != 0 && errors.As(failed, &api) // not of the attempt before

	switch status := response.StatusCode; {
	case !about.Connected, about.BodyBytes == 0 && !about.Complete:
		return ProcessedNo
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable && response.RetryAfter > 0:
		return ProcessedNo
	case isAPI && (status < http.StatusInternalServerError || api.Code == codeCreationFailed):
		return ProcessedNo
	case isAPI, !about.Complete:
		return ProcessedUnlikely
	case status == http.StatusRequestTimeout, status == clientClosedRequest:
		return ProcessedUnknown
	case status >= 300 && status < 500:
		return ProcessedUnlikely
	default:
		return ProcessedUnknown
	}
}
