package staging

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// With a random sequence of faults, the number of imports agrees with the
// results, and no POST follows a POST that may have been processed.
func TestStage_randomFaults(t *testing.T) {
	t.Parallel()

	for seed := range uint64(40) {
		inBubble(t, fmt.Sprint("seed ", seed), func(t *testing.T) { stageAtRandom(t, seed) })
	}
}

func stageAtRandom(t *testing.T, seed uint64) {
	t.Helper()

	const callers, rounds = 3, 4

	s := newServer(t, sandbox.Options{BuildTime: 3 * time.Second})
	s.ReleaseBuilds()
	injected := s.InjectRandom(seed, 0.4, randomFaults()...)

	var (
		stager   = newStager(t, s)
		returned = map[string]bool{}
		doubts   int
	)
	for range rounds {
		outcomes, ids := stageAll(t, stager, setting{callers: callers})
		doubts += outcomes[sandboxtest.Uncertain] + outcomes[sandboxtest.Ambiguous]
		for id := range ids {
			if returned[id] {
				t.Errorf("import %s was returned twice", id)
			}
			returned[id] = true
		}
	}
	<-time.After(time.Hour) // of the bubble: late work is done
	synctest.Wait()

	if injected.Fired() == 0 {
		t.Error("nothing went wrong")
	}
	imports := importsOf(s)
	for id := range returned {
		if !imports[id] {
			t.Errorf("import %s was returned and does not exist", id)
		}
	}
	if extra := len(imports) - len(returned); extra < 0 || extra > doubts {
		t.Errorf("%d imports for %d successes and %d in doubt", len(imports), len(returned), doubts)
	}

	posts := 0
	for _, r := range s.Requests() {
		if r.Operation == sandbox.OpStage && r.Fault != retried {
			posts++
		}
	}
	if posts > callers*rounds {
		t.Errorf("%d POSTs that may have been processed arrived for %d stagings", posts, callers*rounds)
	}
}

// retried is the name of faults after which the client posts again.
const retried = "retried"

// randomFaults are those of the table, and some of the requests that read.
func randomFaults() []sandbox.Fault {
	var faults []sandbox.Fault
	for _, f := range sandboxtest.StageFaults(testTimeout) {
		f.Fault.Operation = sandbox.OpStage
		if f.Posts > 1 {
			f.Fault.Name = retried
		}
		faults = append(faults, f.Fault)
	}
	for _, op := range []sandbox.Operation{sandbox.OpListImports, sandbox.OpGetImport} {
		for _, action := range []sandbox.Action{
			sandbox.CloseConnection(), sandbox.HalfResponse(), sandbox.Hang(), sandbox.LoginPage(), sandbox.Respond(404, "text/html", ""),
			sandbox.Respond(200, "application/json", "{}"), sandbox.Delay(testTimeout + time.Second), sandbox.Envelope(500, "server_error", "Down"),
		} {
			faults = append(faults, sandbox.Fault{Operation: op, Action: action})
		}
	}

	return faults
}

// With real connections, which net/http reuses and which break: net/http must
// not repeat the POST.
func TestStage_overSockets(t *testing.T) {
	t.Parallel()

	o := sandbox.Options{Applications: []sandbox.Application{{ID: appID}}}
	for name, start := range map[string]func() (*sandbox.Server, string, []byte){
		"HTTP/1.1": func() (*sandbox.Server, string, []byte) {
			s, url := sandboxtest.Start(t, o)

			return s, url, nil
		},
		"TLS and HTTP/2": func() (*sandbox.Server, string, []byte) { return sandboxtest.StartTLS(t, o) },
	} {
		for _, action := range []sandbox.Action{sandbox.CloseConnection(), sandbox.HalfResponse()} {
			s, url, caPEM := start()
			s.HoldBuilds()
			stager := newStager(t, s, func(cfg *permissionassist.Config) {
				cfg.Endpoint, cfg.CACertPEM, cfg.Transport = url, caPEM, nil
			})

			learned(t, stager)
			s.Inject(sandbox.Fault{Operation: sandbox.OpStage, Processed: true, Action: action})
			result, err := stager.Stage(t.Context(), appID)
			if outcomeOf(result, err) != sandboxtest.Adopted || result.Import.Number != 2 || s.Count(sandbox.OpStage) != 2 {
				t.Errorf("%s: %+v, %v, after %d POSTs", name, result, err, s.Count(sandbox.OpStage))
			}
		}
	}
}
