package staging

import (
	"errors"
	"net/http"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// verdict is the row of the table in the package's documentation for a failed
// POST.
type verdict int

const (
	// certain: the server did not stage an import.
	certain verdict = iota
	// unlikely: the server should not have staged an import. An exception that is
	// thrown after the import was created looks the same.
	unlikely
	// unknown: the server may have staged an import, or may still stage it.
	unknown
)

// judge returns the row for an error that a POST ended with.
func judge(err error) verdict {
	var (
		api        *permissionassist.APIError
		unexpected *permissionassist.UnexpectedResponseError
		request    *permissionassist.RequestError
	)

	switch {
	case errors.As(err, &api):
		return judgeAPIError(api)
	case errors.As(err, &unexpected):
		return judgeUnexpectedResponse(unexpected)
	case errors.As(err, &request) && !request.Sent:
		return certain
	case errors.As(err, &request) && !request.Complete:
		return unlikely
	default:
		// The response got lost, or is not believed.
		return unknown
	}
}

func judgeAPIError(e *permissionassist.APIError) verdict {
	switch {
	case e.StatusCode < http.StatusInternalServerError, e.Code == permissionassist.CodeCreationFailed, e.RetryAfter > 0:
		return certain
	default:
		return unlikely
	}
}

// judgeUnexpectedResponse is for a response that is not the API's. A firewall can
// replace the response to a POST that was processed, so even a 4xx page proves
// nothing.
func judgeUnexpectedResponse(e *permissionassist.UnexpectedResponseError) verdict {
	const clientClosedRequest = 499 // a proxy that lost patience or the connection

	switch status := e.StatusCode; {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable && e.RetryAfter > 0:
		return certain
	case status == http.StatusRequestTimeout, status == clientClosedRequest:
		return unknown
	case status >= 300 && status < 500, !e.Complete:
		return unlikely
	default:
		return unknown
	}
}
