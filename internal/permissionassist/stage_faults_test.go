package permissionassist

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// Whatever goes wrong, in whatever order: no import is returned twice, none is
// made that nobody answers for, and none where the error says so.
func TestStageImportRandomFaults(t *testing.T) {
	t.Parallel()

	for seed := range uint64(40) {
		inBubble(t, fmt.Sprintf("seed %d", seed), func(t *testing.T) { stageAtRandom(t, seed) })
	}
}

func randomFaults() []sandbox.Fault {
	var faults []sandbox.Fault

	for _, op := range []sandbox.Operation{sandbox.OpStage, sandbox.OpStage, sandbox.OpStage, sandbox.OpListImports, sandbox.OpGetImport} {
		for _, action := range []sandbox.Action{
			sandbox.CloseConnection(), sandbox.HalfAnswer(), sandbox.Hang(), sandbox.LoginPage(), sandbox.Answer(502, "text/html", ""),
			sandbox.Answer(504, "text/html", ""), sandbox.Answer(201, "application/json", "{}"),
			sandbox.Redirect(302, "/login"), sandbox.Delay(stageTimeout + time.Second),
		} {
			faults = append(faults,
				sandbox.Fault{Operation: op, Action: action},
				sandbox.Fault{Operation: op, Action: action, Processed: true})
		}

		faults = append(faults,
			sandbox.Fault{Operation: op, Action: sandbox.Hang(), Processed: true, Late: time.Second},
			sandbox.Fault{Operation: op, Action: sandbox.Hang(), Processed: true, Late: 10 * time.Minute},
			// Who answers so has not passed it on.
			sandbox.Fault{Operation: op, Action: sandbox.Answer(404, "text/html", "")},
			sandbox.Fault{Operation: op, Action: sandbox.RetryAfter(503, "2", false)},
			sandbox.Fault{Operation: op, Action: sandbox.Envelope(500, "server_error", "Down")})
	}

	return faults
}

func stageAtRandom(t *testing.T, seed uint64) {
	t.Helper()

	s := newSandbox(t, sandbox.Options{BuildTime: 3 * time.Second})
	s.ReleaseBuilds()

	c := newTestClient(t, s, requestTimeout(stageTimeout))
	injected := s.InjectRandom(seed, 0.4, randomFaults()...)

	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		returned = map[string]int{}
		doubts   int
	)

	for range 3 {
		wg.Go(func() {
			for range 4 {
				imp, err := c.StageImport(t.Context(), appID)

				var not *NotStagedError

				mu.Lock()

				switch {
				case err == nil:
					returned[imp.ID]++
				case !errors.As(err, &not):
					doubts++
				}
				mu.Unlock()
			}
		})
	}

	wg.Wait()
	<-time.After(time.Hour) // of the bubble
	synctest.Wait()

	if injected.Fired() == 0 {
		t.Error("nothing went wrong")
	}

	imports := s.Imports()
	for _, i := range imports {
		if returned[i.ID] > 1 {
			t.Errorf("import #%d was returned %d times", i.Number, returned[i.ID])
		}
	}

	if extra := len(imports) - len(returned); extra < 0 || extra > doubts {
		t.Errorf("%d imports for %d successes and %d in doubt", len(imports), len(returned), doubts)
	}
}

// Over real connections, which net/http uses again and which break under it:
// it must not send the POST a second time by itself.
func TestStageImportOverSockets(t *testing.T) {
	t.Parallel()

	for name, action := range map[string]sandbox.Action{
		"closed": sandbox.CloseConnection(), "half": sandbox.HalfAnswer(), "502": sandbox.Answer(502, "text/html", ""),
	} {
		for _, overTLS := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, TLS %v", name, overTLS), func(t *testing.T) {
				t.Parallel()

				var (
					s     *sandbox.Server
					url   string
					caPEM []byte
					o     = sandbox.Options{Applications: []sandbox.Application{{ID: appID}}}
				)

				if overTLS { // and HTTP/2
					s, url, caPEM = sandboxtest.StartTLS(t, o)
				} else {
					s, url = sandboxtest.Start(t, o)
				}

				s.HoldBuilds()

				fault := s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: action})
				c := newSocketClient(t, url, func(cfg *Config) { cfg.CACertPEM = caPEM }, maxRetries(4))

				for n := range 3 {
					imp, err := c.StageImport(t.Context(), appID)
					if err != nil {
						t.Fatal(err)
					}

					if all := s.Imports(); len(all) != n+1 || all[n].ID != imp.ID {
						t.Errorf("returned %s of %+v", imp.ID, all)
					}
				}

				if fault.Fired() != 1 {
					t.Errorf("the fault hit %d requests, want 1", fault.Fired())
				}

				wantRequests(t, s, sandbox.OpStage, 3)
			})
		}
	}
}
