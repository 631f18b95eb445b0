package staging

import (
	"errors"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func TestJudge(t *testing.T) {
	t.Parallel()

	var (
		notSent  = permissionassist.Request{}
		half     = permissionassist.Request{Sent: true}
		complete = permissionassist.Request{Sent: true, Complete: true}
	)
	request := func(about permissionassist.Request, last error) error {
		return &permissionassist.RequestError{Request: about, Err: errors.New("broken"), Last: last}
	}
	api := func(status int, code string, retryAfter time.Duration) error {
		return &permissionassist.APIError{Request: complete, StatusCode: status, Code: code, RetryAfter: retryAfter}
	}
	page := func(about permissionassist.Request, status int, retryAfter time.Duration) error {
		return &permissionassist.UnexpectedResponseError{Request: about, StatusCode: status, RetryAfter: retryAfter}
	}

	for _, test := range []struct {
		err  error
		want verdict
	}{
		{request(notSent, nil), certain},
		{request(half, nil), unlikely},
		{request(complete, nil), unknown},
		// Interrupted during the pause before a retry.
		{request(complete, api(503, "server_error", time.Second)), certain},
		{request(complete, page(complete, 429, 0)), certain},
		{request(half, request(half, nil)), unlikely},

		{api(400, "validation_error", 0), certain},
		{api(422, "unprocessable_entity", 0), certain},
		{api(429, "busy", 0), certain},
		{api(500, "creation_failed", 0), certain},
		{api(500, "server_error", 0), unlikely},
		{api(503, "server_error", 0), unlikely},
		{api(503, "server_error", time.Second), certain},

		{page(complete, 201, 0), unknown},
		{page(half, 201, 0), unlikely},
		{page(complete, 302, 0), unlikely},
		{page(complete, 308, 0), unlikely},
		{page(complete, 400, 0), unlikely},
		{page(complete, 404, 0), unlikely},
		{page(complete, 408, 0), unknown},
		{page(complete, 413, 0), unlikely},
		{page(complete, 429, 0), certain},
		{page(complete, 499, 0), unknown},
		{page(complete, 500, 0), unknown},
		{page(half, 500, 0), unlikely},
		{page(complete, 502, 0), unknown},
		{page(complete, 503, 0), unknown},
		{page(complete, 503, time.Second), certain},
		{page(complete, 504, 0), unknown},

		{&wrongImportError{}, unknown},
		{errors.New("an error that nobody has thought of"), unknown},
	} {
		if got := judge(test.err); got != test.want {
			t.Errorf("judge(%v) = %d, want %d", test.err, got, test.want)
		}
	}
}
