package permissionassist

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// slowly is a http.RoundTripper that takes an upload's body piece by piece, as
// a slow connection does, and then has a sandbox answer.
type slowly struct {
	next *inProcess
	// read is called before each piece is read, with the number of those that
	// have been; its error is the connection's.
	read func(ctx context.Context, pieces int) error
	// answer is called once the body was read.
	answer func(ctx context.Context) error
	posts  atomic.Int64
}

const pieceSize = 1000

func (s *slowly) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodPost {
		return s.next.RoundTrip(req)
	}

	defer closeBody(req)

	s.posts.Add(1)
	httptrace.ContextClientTrace(req.Context()).GotConn(httptrace.GotConnInfo{})

	var body bytes.Buffer

	for n := 0; int64(body.Len()) < req.ContentLength; n++ {
		if s.read != nil {
			if err := s.read(req.Context(), n); err != nil {
				return nil, err
			}
		}

		if _, err := io.CopyN(&body, req.Body, min(pieceSize, req.ContentLength-int64(body.Len()))); err != nil {
			return nil, err
		}
	}

	if s.answer != nil {
		if err := s.answer(req.Context()); err != nil {
			return nil, err
		}
	}

	in := req.Clone(req.Context())
	in.Body = io.NopCloser(&body)

	return s.next.RoundTrip(in)
}

// uploadSlowly uploads a file of about 10 pieces.
func uploadSlowly(t *testing.T, ctx context.Context, s *sandbox.Server, tr *slowly, change ...func(*Config)) (Import, error) { //nolint:revive // ctx is what the test is about
	t.Helper()

	c := newTestClient(t, s, append([]func(*Config){requestTimeout(30 * time.Second), maxRetries(0)}, change...)...)
	tr.next = &inProcess{handler: s}
	transportOf(t, c).next = tr

	return c.UploadImport(ctx, appID, map[string]string{usersID: newFile(t, "users.csv", strings.Repeat("x", 9*pieceSize))}, nil)
}

// stall waits until the attempt is given up.
func stall(ctx context.Context) error {
	<-ctx.Done()

	return context.Cause(ctx)
}

// pause waits as long as the attempt is not given up.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// As long as something moves, the request time-out does not end an upload.
func TestUploadImportSlow(t *testing.T) {
	t.Parallel()

	inBubble(t, "slow all the way", func(t *testing.T) {
		s, start := newSandbox(t, uploadSandbox()), time.Now()

		imp, err := uploadSlowly(t, t.Context(), s, &slowly{
			read:   func(ctx context.Context, _ int) error { return pause(ctx, 29*time.Second) },
			answer: func(ctx context.Context) error { return pause(ctx, 29*time.Second) },
		})
		if err != nil {
			t.Fatal(err)
		}

		if took := time.Since(start); took < 10*29*time.Second {
			t.Errorf("it took %s", took)
		}

		if made, _ := s.Import(imp.ID); made.Files[0].Size != 9*pieceSize {
			t.Errorf("the file is %+v", made.Files)
		}
	})

	inBubble(t, "stops moving", func(t *testing.T) {
		s, tr, start := newSandbox(t, uploadSandbox()), &slowly{}, time.Now()
		tr.read = func(ctx context.Context, pieces int) error {
			if pieces == 5 {
				return stall(ctx)
			}

			return pause(ctx, 20*time.Second)
		}

		_, err := uploadSlowly(t, t.Context(), s, tr)
		wantErrorOf[*NotStagedError](t, err)
		wantErrorIs(t, err, ErrRequestTimeout)
		wantContains(t, err.Error(), "the files were not sent completely", "(30s)")

		if took := time.Since(start) - 130*time.Second; took < settleTime || took > 2*settleTime {
			t.Errorf("it took 130s and %s", took)
		}

		if n := tr.posts.Load(); n != 1 {
			t.Errorf("%d POSTs, want 1", n)
		}
	})

	inBubble(t, "stops moving once", func(t *testing.T) {
		s, tr := newSandbox(t, uploadSandbox()), &slowly{}
		tr.read = func(ctx context.Context, pieces int) error {
			if pieces == 5 && tr.posts.Load() == 1 {
				return stall(ctx)
			}

			return nil
		}

		if _, err := uploadSlowly(t, t.Context(), s, tr, maxRetries(1)); err != nil {
			t.Fatal(err)
		}

		if n := tr.posts.Load(); n != 2 || len(s.Imports()) != 1 {
			t.Errorf("%d POSTs, want 2; %d imports, want 1", n, len(s.Imports()))
		}
	})
}

// The server has it all and may yet make an import of it.
func TestUploadImportUnanswered(t *testing.T) {
	t.Parallel()

	inBubble(t, "no answer", func(t *testing.T) {
		s, tr, start := newSandbox(t, uploadSandbox()), &slowly{answer: stall}, time.Now()

		_, err := uploadSlowly(t, t.Context(), s, tr, maxRetries(4))
		wantErrorOf[*UncertainStageError](t, err)
		wantErrorIs(t, err, ErrRequestTimeout)
		wantNotContains(t, err.Error(), "not sent completely")

		if took := time.Since(start); took < 60*time.Second || took > 70*time.Second {
			t.Errorf("it took %s", took)
		}

		if n := tr.posts.Load(); n != 1 {
			t.Errorf("%d POSTs, want 1", n)
		}
	})
}

// What breaks off while it is sent is sent again; what is new all the same is
// not taken for ours.
func TestUploadImportBreaksOff(t *testing.T) {
	t.Parallel()

	for _, foreign := range []bool{false, true} {
		inBubble(t, map[bool]string{false: "nothing new", true: "a foreign import is new"}[foreign], func(t *testing.T) {
			s, tr := newSandbox(t, uploadSandbox()), &slowly{}
			tr.read = func(_ context.Context, pieces int) error {
				if pieces == 5 && tr.posts.Load() == 1 {
					if foreign {
						s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending})
					}

					return io.ErrUnexpectedEOF
				}

				return nil
			}

			imp, err := uploadSlowly(t, t.Context(), s, tr, maxRetries(1))

			if !foreign {
				if err != nil || tr.posts.Load() != 2 || len(s.Imports()) != 1 || s.Imports()[0].ID != imp.ID {
					t.Errorf("the error is %v, after %d POSTs, with %d imports", err, tr.posts.Load(), len(s.Imports()))
				}

				return
			}

			ambiguous := wantErrorAs[*AmbiguousStageError](t, err)
			if len(ambiguous.Candidates) != 1 || ambiguous.Candidates[0].ID != s.Imports()[0].ID {
				t.Errorf("the error is %+v", ambiguous)
			}

			wantContains(t, err.Error(), "not sent completely", "new are: #1")
		})
	}
}

func TestUploadImportCanceled(t *testing.T) {
	t.Parallel()

	inBubble(t, "while it is sent", func(t *testing.T) {
		s, tr, start := newSandbox(t, uploadSandbox()), &slowly{}, time.Now()
		tr.read = func(ctx context.Context, _ int) error { return pause(ctx, 20*time.Second) }

		_, err := uploadSlowly(t, cancelAfter(t, 50*time.Second), s, tr, maxRetries(4))
		wantErrorOf[*NotStagedError](t, err)
		wantErrorIs(t, err, context.Canceled)

		// The list is still looked into.
		if took := time.Since(start) - 50*time.Second; took < settleTime || took > 2*settleTime {
			t.Errorf("it took 50s and %s", took)
		}

		if n := tr.posts.Load(); n != 1 || len(s.Imports()) != 0 {
			t.Errorf("%d POSTs, want 1; %d imports, want 0", n, len(s.Imports()))
		}
	})

	inBubble(t, "time is up while it is sent", func(t *testing.T) {
		s, tr := newSandbox(t, uploadSandbox()), &slowly{}
		tr.read = func(ctx context.Context, _ int) error { return pause(ctx, 20*time.Second) }

		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()

		_, err := uploadSlowly(t, ctx, s, tr, maxRetries(4))
		wantErrorOf[*NotStagedError](t, err)
		wantErrorIs(t, err, context.DeadlineExceeded)

		if n := tr.posts.Load(); n != 1 {
			t.Errorf("%d POSTs, want 1", n)
		}
	})

	inBubble(t, "once it has been sent", func(t *testing.T) {
		s, tr := newSandbox(t, uploadSandbox()), &slowly{}
		tr.answer = func(ctx context.Context) error { return pause(ctx, 20*time.Second) }
		ctx := cancelAfter(t, 10*time.Second)

		imp, err := uploadSlowly(t, ctx, s, tr)
		if err != nil {
			t.Fatal(err)
		}

		wantErrorIs(t, ctx.Err(), context.Canceled)

		if all := s.Imports(); len(all) != 1 || all[0].ID != imp.ID {
			t.Errorf("returned %s of %+v", imp.ID, all)
		}
	})

	inBubble(t, "before", func(t *testing.T) {
		s, tr := newSandbox(t, uploadSandbox()), &slowly{}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()

		_, err := uploadSlowly(t, ctx, s, tr)
		wantErrorOf[*NotStagedError](t, err)
		wantErrorIs(t, err, context.Canceled)
		wantRequests(t, s, "", 0)
	})
}

// On a real connection the end of the context ends the sending at once.
func TestUploadImportCanceledOnSocket(t *testing.T) {
	t.Parallel()

	s := newUploadServer(t, maxRetries(4))
	ctx, cancel := context.WithCancel(t.Context())

	s.handle = func(_ http.ResponseWriter, req *http.Request) {
		if _, err := io.ReadFull(req.Body, make([]byte, 1000)); err != nil {
			t.Error(err)
		}

		cancel()

		if n, err := io.Copy(io.Discard, req.Body); err == nil {
			t.Errorf("all of it was sent, %d bytes more", n)
		}
	}

	_, err := s.client.UploadImport(ctx, appID, map[string]string{usersID: newSparseFile(t, 64<<20)}, nil)
	wantErrorOf[*NotStagedError](t, err)
	wantErrorIs(t, err, context.Canceled)

	if n := len(s.seen()); n != 1 {
		t.Errorf("it was sent %d times, want once", n)
	}
}

// Each fault that a staging has to stand: no file is imported twice, and none
// that nobody answers for.
func TestUploadImportMatrix(t *testing.T) {
	t.Parallel()

	for _, fault := range stageFaults() {
		inBubble(t, fault.name, func(t *testing.T) {
			const content = "name,role\n"

			s := newSandbox(t, uploadSandbox())
			c := newTestClient(t, s, requestTimeout(stageTimeout))
			files := map[string]string{usersID: newFile(t, "users.csv", content)}

			var fired func() int
			if fault.dial {
				fired = injectStageFault(t, s, c, fault)
			} else {
				fired = s.Inject(sandbox.Fault{
					Operation: sandbox.OpUpload, Action: fault.action, Processed: fault.processed, Late: fault.late,
				}).Fired
			}

			imp, err := c.UploadImport(t.Context(), appID, files, nil)

			if fired() != 1 {
				t.Fatalf("the fault hit %d requests, want 1", fired())
			}

			wantRequests(t, s, sandbox.OpUpload, fault.posts)
			successes := checkStageResults(t, stageSetting{callers: 1}, fault, []Import{imp}, []error{err})
			made := newImportsOf(s, nil)

			if len(made) != len(successes) {
				t.Errorf("%d imports were made for %d successes", len(made), len(successes))
			}

			<-time.After(time.Hour) // the bubble's

			all := s.Imports()
			if got := len(all) - len(made); got != fault.appears {
				t.Errorf("%d imports appeared later, want %d", got, fault.appears)
			}

			for _, i := range all {
				if len(i.Files) != 1 || i.Files[0].SHA256 != sumOf(content) || i.Files[0].Size != int64(len(content)) {
					t.Errorf("the files are %+v", i.Files)
				}
			}
		})
	}
}
