package permissionassist

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestProcessedOf(t *testing.T) {
	t.Parallel()

	about := func(s SendState) Request { return Request{SendState: s} }
	var (
		notConnected = about(SendState{})
		noByte       = about(SendState{Connected: true})
		part         = about(SendState{Connected: true, BodyBytes: 1})
		complete     = about(SendState{Connected: true, BodyBytes: 2, Complete: true})
	)
	broken := func(about Request) error { return &RequestError{Request: about, Err: errors.New("broken")} }
	api := func(status int, code string, retryAfter time.Duration) error {
		return &APIError{Request: complete, Response: Response{StatusCode: status, RetryAfter: retryAfter}, Code: code}
	}
	page := func(about Request, status int, retryAfter time.Duration) error {
		return &UnexpectedResponseError{Request: about, Response: Response{StatusCode: status, RetryAfter: retryAfter}}
	}

	for _, test := range []struct {
		err  error
		want Processed
	}{
		{broken(notConnected), ProcessedNo},
		{broken(noByte), ProcessedNo},
		{broken(part), ProcessedUnlikely},
		{broken(complete), ProcessedUnknown},
		// Interrupted after a request that was refused.
		{&RequestError{Request: notConnected, Err: errors.New("interrupted"), Last: api(500, "server_error", 0)}, ProcessedNo},
		{&RequestError{Request: part, Err: errors.New("interrupted"), Last: page(complete, 429, 0)}, ProcessedUnlikely},

		{api(400, "validation_error", 0), ProcessedNo},
		{api(500, "creation_failed", 0), ProcessedNo},
		{api(500, "server_error", 0), ProcessedUnlikely},
		{api(503, "server_error", 0), ProcessedUnlikely},
		{api(503, "server_error", time.Second), ProcessedNo},

		{page(complete, 201, 0), ProcessedUnknown},
		{page(part, 201, 0), ProcessedUnlikely},
		{page(noByte, 201, 0), ProcessedNo},
		{page(complete, 302, 0), ProcessedUnlikely},
		{page(complete, 400, 0), ProcessedUnlikely},
		{page(complete, 408, 0), ProcessedUnknown},
		{page(part, 408, 0), ProcessedUnlikely},
		{page(noByte, 413, 0), ProcessedNo},
		{page(noByte, 417, 0), ProcessedNo},
		{page(part, 417, 0), ProcessedUnlikely},
		{page(complete, 417, 0), ProcessedUnlikely},
		{page(complete, 429, 0), ProcessedNo},
		{page(complete, 499, 0), ProcessedUnknown},
		{page(complete, 500, 0), ProcessedUnknown},
		{page(noByte, 502, 0), ProcessedNo},
		{page(part, 502, 0), ProcessedUnlikely},
		{page(complete, 503, 0), ProcessedUnknown},
		{page(complete, 503, time.Second), ProcessedNo},

		{fmt.Errorf("wrapped: %w", page(complete, 400, 0)), ProcessedUnlikely},
		{errors.New("an error that nobody has thought of"), ProcessedUnknown},
	} {
		if got := ProcessedOf(test.err); got != test.want {
			t.Errorf("ProcessedOf(%v) = %d, want %d", test.err, got, test.want)
		}
	}
}
