package permissionassist

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestProcessedOf(t *testing.T) {
	t.Parallel()

	var (
		notConnected = Request{}
		noByte       = Request{SendState: SendState{Connected: true}}
		part         = Request{SendState: SendState{Connected: true, BodyBytes: 1}}
		complete     = Request{SendState: SendState{Connected: true, BodyBytes: 2, Complete: true}}
	)
	type of = [3]Processed // after no byte, a part, and all of the body was sent
	for status, want := range map[int]of{
		0:   {ProcessedNo, ProcessedUnlikely, ProcessedUnknown}, // no response
		201: {ProcessedNo, ProcessedUnlikely, ProcessedUnknown},
		302: {ProcessedNo, ProcessedUnlikely, ProcessedUnlikely},
		400: {ProcessedNo, ProcessedUnlikely, ProcessedUnlikely},
		408: {ProcessedNo, ProcessedUnlikely, ProcessedUnknown},
		413: {ProcessedNo, ProcessedUnlikely, ProcessedUnlikely},
		417: {ProcessedNo, ProcessedUnlikely, ProcessedUnlikely},
		429: {ProcessedNo, ProcessedNo, ProcessedNo},
		499: {ProcessedNo, ProcessedUnlikely, ProcessedUnknown},
		500: {ProcessedNo, ProcessedUnlikely, ProcessedUnknown},
		503: {ProcessedNo, ProcessedUnlikely, ProcessedUnknown},
	} {
		for i, about := range []Request{noByte, part, complete} {
			var err error = &UnexpectedResponseError{Request: about, Response: Response{StatusCode: status}}
			if status == 0 {
				err = &RequestError{Request: about, Err: errors.New("broken")}
			}
			if got := ProcessedOf(fmt.Errorf("wrapped: %w", err)); got != want[i] {
				t.Errorf("%d, %+v: %d, want %d", status, about.SendState, got, want[i])
			}
		}
	}

	api := func(status int, code string, retryAfter time.Duration) error {
		return &APIError{Request: complete, Response: Response{StatusCode: status, RetryAfter: retryAfter}, Code: code}
	}
	for _, test := range []struct {
		err  error
		want Processed
	}{
		{&RequestError{Request: notConnected, Err: errors.New("broken")}, ProcessedNo},
		// Interrupted after a request that was refused.
		{&RequestError{Request: notConnected, Err: errors.New("interrupted"), Last: api(500, "server_error", 0)}, ProcessedNo},
		{&RequestError{Request: part, Err: errors.New("interrupted"), Last: api(429, "busy", 0)}, ProcessedUnlikely},
		{&UnexpectedResponseError{Request: complete, Response: Response{StatusCode: 503, RetryAfter: 1}}, ProcessedNo},
		{api(400, "validation_error", 0), ProcessedNo},
		{api(500, "creation_failed", 0), ProcessedNo},
		{api(500, "server_error", 0), ProcessedUnlikely},
		{api(503, "server_error", 0), ProcessedUnlikely},
		{api(503, "server_error", time.Second), ProcessedNo},
		{errors.New("an error that nobody has thought of"), ProcessedUnknown},
	} {
		if got := ProcessedOf(test.err); got != test.want {
			t.Errorf("ProcessedOf(%v) = %d, want %d", test.err, got, test.want)
		}
	}
}
