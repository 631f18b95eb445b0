package permissionassist

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// incompleteError says that a request's body was not sent to its end, so that
// the server cannot have done what it asks for.
type incompleteError struct{ err error }

func (e *incompleteError) Error() string {
	return "the files were not sent completely: " + e.err.Error()
}

func (e *incompleteError) Unwrap() error { return e.err }

// sending bounds the time of one attempt. Where its body takes time to be sent,
// it also follows that: the time-out starts anew with each piece, and the
// caller can stop it until the last piece has been handed over.
type sending struct {
	timeout time.Duration
	timer   *time.Timer
	end     context.CancelCauseFunc

	mu sync.Mutex
	// over: the attempt has ended, and what its body does is of no interest.
	over bool
	// whole: the body was handed over to its last byte.
	whole bool
	// stopped is why the body is not handed over any further.
	stopped error
}

// startSending starts the time-out, which calls end with ErrRequestTimeout.
func startSending(timeout time.Duration, end context.CancelCauseFunc) *sending {
	return &sending{timeout: timeout, end: end, timer: time.AfterFunc(timeout, func() { end(ErrRequestTimeout) })}
}

// finish stops the time-out.
func (s *sending) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.over = true
	s.timer.Stop()
}

// follow has s follow the body of req, also where net/http sends it anew
// because it is certain that the server has not seen the request.
func (s *sending) follow(req *http.Request) {
	body := func(b io.ReadCloser) io.ReadCloser {
		return &followedBody{ReadCloser: b, sending: s, left: req.ContentLength}
	}

	if getBody := req.GetBody; getBody != nil {
		req.GetBody = func() (io.ReadCloser, error) {
			b, err := getBody()
			if err != nil {
				return nil, err
			}

			return body(b), nil
		}
	}

	req.Body = body(req.Body)
}

// stop ends the attempt, unless the whole body has been handed over.
func (s *sending) stop(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if !s.whole && !s.over && s.stopped == nil {
		s.stopped = cause
		s.end(cause)
	}
}

// outcome tells whether the body was handed over to its end and, where the
// caller or an error of the body itself stopped it, why not.
func (s *sending) outcome() (whole bool, stopped error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.whole, s.stopped
}

// moved notes that a piece was read, with the error err. Its own error is why
// the piece is not to be handed over.
func (s *sending) moved(last bool, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.stopped == nil && err != nil && !errors.Is(err, io.EOF) {
		s.stopped = err
	}

	if s.stopped != nil {
		return s.stopped
	}

	s.whole = s.whole || last

	if !s.over {
		s.timer.Reset(s.timeout)
	}

	return nil
}

// followedBody is a body that a sending follows.
type followedBody struct {
	io.ReadCloser

	sending *sending
	left    int64
}

// Read implements io.Reader.
func (b *followedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)

	if err := b.sending.moved(b.left == 0, err); err != nil {
		return 0, err
	}

	return n, err
}
