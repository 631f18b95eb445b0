package provider_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

const (
	// soakResources is the number of resources unless SOAK_RESOURCES is set.
	soakResources = 100
	// soakRate is the share of failing requests.
	soakRate = 0.05
	// soakRounds is how often the user applies again before giving up. It is
	// almost impossible that the same resource fails in each round.
	soakRounds = 10
	// soakTimeout is the request timeout.
	soakTimeout = 30 * time.Second
	// patience is how long the user waits before searching for an import that
	// may have been staged: longer than any response takes.
	patience = 10 * time.Minute
	// parallelism is Terraform's default.
	parallelism = 10
)

// unfinishedWarning is the warning if two resources share an application.
const unfinishedWarning = "WARNING: Application already has an unfinished import"

// soakFaults returns every fault of the POST that stages, and one fault of each
// kind for the other requests.
func soakFaults() []sandbox.Fault {
	var all []sandbox.Fault
	for _, f := range sandboxtest.StageFaults(soakTimeout) {
		if f.AppliesTo(sandbox.OpStage) {
			f.Fault.Operation = sandbox.OpStage
			all = append(all, f.Fault)
		}
	}

	for _, op := range []sandbox.Operation{sandbox.OpCancel, sandbox.OpGetImport, sandbox.OpListImports} {
		for _, action := range []sandbox.Action{
			sandbox.CloseConnection(), sandbox.HalfResponse(), sandbox.Hang(), echoPage(500), echoPage(502), echoPage(404),
			sandbox.Respond(200, "application/json", `{"id":"`+token), sandbox.RetryAfter(429, "1", true),
			sandbox.RetryAfter(503, "1", false), echoEnvelope(500, "server_error"),
		} {
			all = append(all, sandbox.Fault{Operation: op, Action: action}, sandbox.Fault{Operation: op, Action: action, Processed: true})
		}
	}
	return append(all, sandbox.Fault{Operation: sandbox.OpGetImport, Action: notFound()},
		sandbox.Fault{Operation: sandbox.OpGetImport, Action: sandbox.LoginPage()})
}

// Many resources are created, read and destroyed over a bad network. Each
// resource must have exactly one import, and each import one resource.
func TestApplicationImport_soak(t *testing.T) {
	t.Parallel()

	n := soakResources
	if value := os.Getenv("SOAK_RESOURCES"); value != "" {
		var err error
		if n, err = strconv.Atoi(value); err != nil || n < 1 {
			t.Fatalf("SOAK_RESOURCES=%q is not a number of resources", value)
		}
	}

	for _, seed := range []uint64{1, 2026} {
		inFakeTime(t, fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			s := newSoak(t, n, seed)
			s.create()
			s.refresh()
			s.destroy()
			s.report()
		})
	}
}

// soak is a configuration of many resources, with their states.
type soak struct {
	t        *testing.T
	target   target
	protocol *protocol
	faults   *sandbox.Injected
	configs  []values
	states   []values // nil if the resource does not exist
	private  [][]byte

	rounds map[string]int
	// outcomes counts the summaries of the diagnostics of creates.
	outcomes map[string]int
}

func newSoak(t *testing.T, n int, seed uint64) *soak {
	t.Helper()
	s := &soak{t: t, states: make([]values, n), private: make([][]byte, n), rounds: map[string]int{}, outcomes: map[string]int{}}

	// Of five resources, three have separate applications, and two share one.
	var options sandbox.Options
	for i := range n {
		id := fmt.Sprintf("5f0c2b7e-3a41-4d5c-9b1e-%012d", i)
		if i%5 == 4 {
			id = s.configs[i-1].text("application_id")
		} else {
			options.Applications = append(options.Applications, sandbox.Application{ID: id, Name: "Application " + strconv.Itoa(i)})
		}
		s.configs = append(s.configs, values{"application_id": id})
	}

	s.target = newFakeTarget(t, options).held()
	s.protocol = configuredProtocol(t, s.target, values{"request_timeout": soakTimeout.String()})
	s.faults = s.target.sandbox.InjectRandom(seed, soakRate, soakFaults()...)
	return s
}

// untilDone repeats a phase until request returns nil for every resource.
// afterRound gets the responses, by resource.
func untilDone[Q, R any](
	s *soak, phase string, method func(context.Context, *Q) (*R, error), request func(i int) *Q, afterRound func(map[int]*R),
) {
	s.t.Helper()
	for range soakRounds {
		var (
			wg        sync.WaitGroup
			mu        sync.Mutex
			slots     = make(chan struct{}, parallelism)
			responses = map[int]*R{}
			requests  = make([]*Q, len(s.states))
		)
		for i := range s.states {
			requests[i] = request(i)
		}
		if !slices.ContainsFunc(requests, func(req *Q) bool { return req != nil }) {
			return
		}
		s.rounds[phase]++

		for i, req := range requests {
			if req == nil {
				continue
			}
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				resp, err := trySend(s.t.Context(), s.protocol, method, req)
				if err != nil {
					s.t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				responses[i] = resp
			})
		}
		wg.Wait()
		if s.t.Failed() {
			s.t.FailNow()
		}
		afterRound(responses)
	}
	s.t.Fatalf("%s is not done after %d rounds", phase, soakRounds)
}

// create creates all resources and follows the advice of errors.
func (s *soak) create() {
	s.t.Helper()
	untilDone(s, "create", s.protocol.server.ApplyResourceChange, func(i int) *tfprotov6.ApplyResourceChangeRequest {
		if s.states[i] != nil {
			return nil
		}
		return s.protocol.applyRequest(nil, s.configs[i])
	}, func(responses map[int]*tfprotov6.ApplyResourceChangeResponse) {
		uncertain := map[int]bool{}
		for i, resp := range responses {
			s.states[i], s.private[i] = s.protocol.state(resp.NewState), resp.Private
			outcome, _, _ := strings.Cut(summaries(resp.Diagnostics), ", #")
			s.outcomes[outcome]++
			switch outcome {
			case "", recovered, unfinishedWarning, recovered + "\n" + unfinishedWarning, "ERROR: Import was not staged":
			case "ERROR: Import may have been staged":
				uncertain[i] = true
			default:
				s.t.Errorf("resource %d: %s", i, details(resp.Diagnostics))
			}
		}
		s.resolve(uncertain)
	})
	s.wantAgreement()
}

// resolve follows the advice for an import that may have been staged: wait some
// minutes, and import the application's new import if there is one. Otherwise,
// the next round applies again.
func (s *soak) resolve(uncertain map[int]bool) {
	s.t.Helper()
	<-time.After(patience)

	unclaimed := s.unclaimed()
	for i := range s.states {
		app := s.configs[i].text("application_id")
		if uncertain[i] && len(unclaimed[app]) > 0 {
			s.states[i] = s.imported(unclaimed[app][0])
			unclaimed[app] = unclaimed[app][1:]
		}
	}
	for app, ids := range unclaimed {
		if len(ids) > 0 {
			s.t.Errorf("application %s has %d imports that no diagnostic was about", app, len(ids))
		}
	}
}

// imported runs terraform import, and repeats it if the network fails.
func (s *soak) imported(id string) values {
	s.t.Helper()
	for range soakRounds {
		if state, diags := s.protocol.importAndRead(id); len(diags) == 0 {
			return state
		}
	}
	s.t.Fatalf("import %s could not be imported", id)
	return nil
}

// refresh reads all resources, some of which have a new status, and wants empty
// plans.
func (s *soak) refresh() {
	s.t.Helper()
	for range s.states {
		s.target.sandbox.StepBuild()
	}

	done := make([]bool, len(s.states))
	untilDone(s, "refresh", s.protocol.server.ReadResource, func(i int) *tfprotov6.ReadResourceRequest {
		if done[i] {
			return nil
		}
		return s.protocol.readRequest(s.states[i], s.private[i]...)
	}, func(responses map[int]*tfprotov6.ReadResourceResponse) {
		for i, read := range responses {
			if len(read.Diagnostics) > 0 {
				s.wantKept(i, read.NewState, read.Diagnostics, "ERROR: Import could not be read")
				continue
			}
			s.states[i], done[i] = s.protocol.state(read.NewState), true
			wantSameState(s.t, read.NewState, s.protocol.plan(s.states[i], s.configs[i]).PlannedState)
		}
	})
	s.wantAgreement()
	for i, state := range s.states {
		if imp, _ := s.target.sandbox.Import(state.text("id")); state.text("status") != imp.Status {
			s.t.Errorf("resource %d is %s in the state and %s on the server", i, state.text("status"), imp.Status)
		}
	}
}

// wantKept wants an error that did not change the resource.
func (s *soak) wantKept(i int, after *tfprotov6.DynamicValue, diags []*tfprotov6.Diagnostic, want string) {
	s.t.Helper()
	wantSummaries(s.t, diags, want)
	wantSameState(s.t, s.protocol.packState(s.states[i]), after)
}

// destroy destroys all resources. Then each import has ended or is being
// canceled.
func (s *soak) destroy() {
	s.t.Helper()
	// Some imports end between the refresh and the destroy.
	for range len(s.states) / 3 {
		s.target.sandbox.StepBuild()
	}

	untilDone(s, "destroy", s.protocol.server.ApplyResourceChange, func(i int) *tfprotov6.ApplyResourceChangeRequest {
		if s.states[i] == nil {
			return nil
		}
		return s.protocol.destroyRequest(s.states[i])
	}, func(responses map[int]*tfprotov6.ApplyResourceChangeResponse) {
		for i, resp := range responses {
			if len(resp.Diagnostics) == 0 && s.protocol.state(resp.NewState) == nil {
				s.states[i] = nil
			} else {
				s.wantKept(i, resp.NewState, resp.Diagnostics, "ERROR: Import could not be canceled")
			}
		}
	})

	for _, imp := range s.target.sandbox.Imports() {
		if imp.Status != sandbox.StatusCanceling && imp.Status != sandbox.StatusFinished {
			s.t.Errorf("import %d is %s after its resource was destroyed", imp.Number, imp.Status)
		}
	}
	if n := len(s.target.sandbox.Imports()); n != len(s.states) {
		s.t.Errorf("the server has %d imports in the end, want %d", n, len(s.states))
	}
}

// unclaimed returns the imports that are in no state, by application ID.
func (s *soak) unclaimed() map[string][]string {
	owned := map[string]bool{}
	for i, state := range s.states {
		if state == nil {
			continue
		}
		id := state.text("id")
		if owned[id] {
			s.t.Errorf("resource %d has the import %s of another one", i, id)
		}
		owned[id] = true
	}

	unclaimed := map[string][]string{}
	for _, imp := range s.target.sandbox.Imports() {
		if !owned[imp.ID] {
			unclaimed[imp.ApplicationID] = append(unclaimed[imp.ApplicationID], imp.ID)
		}
	}
	return unclaimed
}

// wantAgreement wants that each resource has a different import of its
// application, and that the server has no other imports.
func (s *soak) wantAgreement() {
	s.t.Helper()
	for app, ids := range s.unclaimed() {
		s.t.Errorf("application %s has imports that are in no state: %v", app, ids)
	}
	if got := len(s.target.sandbox.Imports()); got != len(s.states) {
		s.t.Errorf("the server has %d imports for %d resources", got, len(s.states))
	}

	for i, state := range s.states {
		imp, ok := s.target.sandbox.Import(state.text("id"))
		if !ok || imp.ApplicationID != s.configs[i].text("application_id") ||
			plain(state["number"]) != float64(imp.Number) {
			s.t.Errorf("resource %d has %v, the server %+v", i, state, imp)
		}
	}
}

func (s *soak) report() {
	s.t.Helper()
	hit, requests := s.faults.Fired(), s.target.sandbox.Count("")
	s.t.Logf("%d resources: %d of %d requests went wrong; rounds: %v; creates: %v", len(s.states), hit, requests, s.rounds, s.outcomes)
	if len(s.states) >= soakResources && (hit < requests/40 || hit > requests/10) {
		s.t.Errorf("%d of %d requests went wrong, want about %.0f %%", hit, requests, 100*soakRate)
	}
}
