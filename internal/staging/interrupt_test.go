package staging

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// Stagings of one application wait for each other; those of two applications do
// not. The end of the context ends the wait.
func TestStage_turns(t *testing.T) {
	t.Parallel()

	for name, end := range endings {
		inBubble(t, name, func(t *testing.T) {
			s := newServer(t, sandbox.Options{})
			s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Delay(3 * time.Second)})
			stager, start := newStager(t, s), time.Now()

			first := make(chan error)
			go func() {
				_, err := stager.Stage(t.Context(), appID)
				first <- err
			}()
			synctest.Wait()

			if _, err := stager.Stage(t.Context(), otherAppID); err != nil || time.Since(start) > 0 {
				t.Errorf("the other application took %s: %v", time.Since(start), err)
			}
			ctx, cancel := end(t.Context(), time.Second)
			defer cancel()
			_, err := stager.Stage(ctx, strings.ToUpper(appID))
			wantOutcome(t, sandboxtest.NotStaged, Result{}, err)
			wantErrorIs(t, err, ctx.Err())
			if took := time.Since(start); took != time.Second {
				t.Errorf("it waited for %s", took)
			}
			wantPosts(t, s, 2)
			if err := <-first; err != nil {
				t.Error(err)
			}
		})
	}
}

// The end of the context never cuts a POST short. Everything else it ends within
// two seconds.
func TestStage_interrupted(t *testing.T) {
	t.Parallel()

	postFault := func(action sandbox.Action, processed bool) []sandbox.Fault {
		return []sandbox.Fault{
			{Operation: sandbox.OpStage, Action: action, Processed: processed},
			{Operation: sandbox.OpUpload, Action: action, Processed: processed},
		}
	}
	for _, test := range []struct {
		name   string
		after  time.Duration
		faults []sandbox.Fault
		want   sandboxtest.StageOutcome
		posts  int
		// took is how long it takes at least and, with tolerance, at most.
		took, tolerance time.Duration
	}{
		{name: "before", want: sandboxtest.NotStaged},
		{
			name: "while the baseline is read", after: time.Second, want: sandboxtest.NotStaged, took: time.Second,
			faults: []sandbox.Fault{failing(0, sandbox.Hang())},
		},
		{
			name: "during a slow POST", after: time.Second, want: sandboxtest.Staged, posts: 1, took: 3 * time.Second,
			faults: postFault(sandbox.Delay(3*time.Second), false),
		},
		{
			name: "during a POST whose response is lost", after: time.Second, want: sandboxtest.Adopted, posts: 1, took: testTimeout,
			faults: postFault(sandbox.Hang(), true),
		},
		{
			name: "during a POST that is not processed", after: time.Second, want: sandboxtest.Uncertain, posts: 1, took: testTimeout + briefly,
			faults: postFault(sandbox.Hang(), false),
		},
		{
			name: "during the search", after: time.Second, want: sandboxtest.Uncertain, posts: 1, took: time.Second + briefly,
			faults: postFault(sandbox.CloseConnection(), false),
		},
		{
			name: "while the search hangs", after: time.Second, want: sandboxtest.Uncertain, posts: 1, took: time.Second + briefly,
			faults: append(postFault(sandbox.CloseConnection(), true), failing(1, sandbox.Hang())),
		},
		{
			name: "during a retry pause", after: time.Second, want: sandboxtest.NotStaged, posts: 1, tolerance: time.Second,
			faults: postFault(sandbox.RetryAfter(503, "60", false), false),
		},
	} {
		for name, end := range endings {
			for _, upload := range []bool{false, true} {
				inBubble(t, fmt.Sprintf("%s, %s, upload %v", test.name, name, upload), func(t *testing.T) {
					s := newServer(t, sandbox.Options{})
					for _, fault := range test.faults {
						s.Inject(fault)
					}
					stager, files := newStager(t, s), map[string]string(nil)
					if upload {
						files = newFile(t)
					}
					ctx, cancel := end(t.Context(), test.after)
					defer cancel()
					synctest.Wait()

					start := time.Now()
					result, err := stageOrUpload(ctx, stager, files)
					wantOutcome(t, test.want, result, err)
					if took := time.Since(start); took < test.took || took > test.took+test.tolerance {
						t.Errorf("it took %s, want %s", took, test.took)
					}
					wantPosts(t, s, test.posts)
				})
			}
		}
	}
}

// If an upload breaks off, the server cannot make an import of it, so it is sent
// again. The end of the context stops the sending.
func TestUpload_brokenOff(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		name          string
		foreign, hang bool
		want          sandboxtest.StageOutcome
		posts         int64
	}{
		{name: "nothing new", want: sandboxtest.NotStaged, posts: 5},
		{name: "foreign import", foreign: true, want: sandboxtest.Ambiguous, posts: 5},
		{name: "interrupted", hang: true, want: sandboxtest.NotStaged, posts: 1},
	} {
		inBubble(t, test.name, func(t *testing.T) {
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
			if took := time.Since(start); test.hang && took > briefly {
				t.Errorf("it took %s after the interrupt", took)
			}
			if posts.Load() != test.posts {
				t.Errorf("%d POSTs were sent, want %d", posts.Load(), test.posts)
			}
		})
	}
}
