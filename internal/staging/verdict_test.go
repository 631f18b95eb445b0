package staging

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
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

		{api(400, "validation_error", 0), certain},
		{api(500, "creation_failed", 0), certain},
		{api(500, "server_error", 0), unlikely},
		{api(503, "server_error", 0), unlikely},
		{api(503, "server_error", time.Second), certain},

		{page(complete, 201, 0), unknown},
		{page(half, 201, 0), unlikely},
		{page(complete, 302, 0), unlikely},
		{page(complete, 400, 0), unlikely},
		{page(complete, 408, 0), unknown},
		{page(complete, 429, 0), certain},
		{page(complete, 499, 0), unknown},
		{page(complete, 500, 0), unknown},
		{page(complete, 503, 0), unknown},
		{page(complete, 503, time.Second), certain},

		{&wrongImportError{}, unknown},
		{errors.New("an error that nobody has thought of"), unknown},
	} {
		if got := judge(test.err); got != test.want {
			t.Errorf("judge(%v) = %d, want %d", test.err, got, test.want)
		}
	}
}

// If an upload breaks off, the server cannot make an import of it, so it is sent
// again. The end of the context stops the sending.
func TestJudge_brokenUpload(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		foreign, hang bool
		want          sandboxtest.StageOutcome
		posts         int64
	}{
		"nothing new":    {want: sandboxtest.NotStaged, posts: 5},
		"foreign import": {foreign: true, want: sandboxtest.Ambiguous, posts: 5},
		"interrupted":    {hang: true, want: sandboxtest.NotStaged, posts: 1},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := newServer(t, sandbox.Options{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()

			var posts atomic.Int64
			server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost {
					s.ServeHTTP(w, r)
					return
				}
				_, _ = io.CopyN(io.Discard, r.Body, 1000)
				if posts.Add(1) == 1 && test.foreign {
					s.AddImport(sandbox.Import{Type: sandbox.TypeAPI, Status: sandbox.StatusPending})
				}
				if test.hang {
					cancel()
					<-r.Context().Done()
				}
				panic(http.ErrAbortHandler)
			})
			stager := newStager(t, s, func(cfg *permissionassist.Config) {
				cfg.Transport = &sandboxtest.InProcess{Handler: server}
			})

			start := time.Now()
			result, err := stager.Upload(ctx, appID, newFile(t), nil)
			wantOutcome(t, test.want, result, err)
			if took := time.Since(start); test.hang && took > briefly || posts.Load() != test.posts {
				t.Errorf("%d POSTs were sent in %s, want %d", posts.Load(), took, test.posts)
			}
		})
	}
}
