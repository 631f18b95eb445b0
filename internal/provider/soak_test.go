package provider_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	// soakResources are there unless SOAK_RESOURCES says otherwise.
	soakResources = 100
	// soakRate is the share of the requests that go wrong.
	soakRate = 0.05
	// soakRounds is how often a person applies again before giving up. That
	// the same resource is hit in each has no chance worth mentioning.
	soakRounds = 10
	// parallelism is Terraform's own default.
	parallelism = 10
)

// soakFaults are of all kinds, for each kind of request.
func soakFaults() []sandbox.Fault {
	json := func(status int, body string) sandbox.Action { return sandbox.Answer(status, "application/json", body) }
	spoilt := []sandbox.Action{
		sandbox.CloseConnection(), sandbox.HalfAnswer(), json(201, `{"id":"`+token), page(500)(""), page(502)(""),
	}
	refused := []sandbox.Action{
		sandbox.RetryAfter(429, "0", true), sandbox.RetryAfter(503, "0", false), envelope(500, "server_error")(""),
	}

	var all []sandbox.Fault

	for _, op := range []sandbox.Operation{sandbox.OpStage, sandbox.OpCancel, sandbox.OpGetImport, sandbox.OpListImports} {
		for _, action := range spoilt {
			all = append(all, sandbox.Fault{Operation: op, Action: action}, sandbox.Fault{Operation: op, Action: action, Processed: true})
		}

		for _, action := range refused {
			all = append(all, sandbox.Fault{Operation: op, Action: action})
		}

		all = append(all, sandbox.Fault{Operation: op, Action: sandbox.Hang()})
	}

	return append(all,
		sandbox.Fault{Operation: sandbox.OpGetImport, Action: sandbox.LoginPage()},
		sandbox.Fault{Operation: sandbox.OpGetImport, Action: page(404)("")},
		sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Hang(), Processed: true},
		sandbox.Fault{Operation: sandbox.OpStage, Action: sandbox.Hang(), Processed: true, Late: soakLate, Name: "late"},
		sandbox.Fault{Operation: sandbox.OpStage, Action: page(504)(""), Processed: true, Late: soakLate, Name: "late"},
	)
}

// soakLate is longer than the client looks for what it has staged.
const soakLate = 7 * time.Second

// Many resources go through their life on a bad network: in the end each has
// had one import, and each import a resource. SOAK_RESOURCES says how many.
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
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()

			testSoak(t, n, seed)
		})
	}
}

func testSoak(t *testing.T, n int, seed uint64) {
	t.Helper()

	s := newSoak(t, n, seed)
	s.create()
	s.refresh()
	s.destroy()
	s.seen.expectNoToken(t)

	hit, requests := s.faults.Fired(), s.target.sandbox.Count("")

	t.Logf("%d resources of %d applications, %d imports: %d of %d requests went wrong, by operation %v; rounds: %v; "+
		"%d errors said that nothing was staged, %d that it may have been, of which %d were imported; %s",
		n, s.applications, len(s.target.sandbox.Imports()), hit, requests, s.hits(), s.rounds,
		s.notStaged, s.uncertain, s.imported, time.Since(s.start).Round(time.Second))

	if n >= soakResources && (hit < requests/40 || hit > requests/10) {
		t.Errorf("%d of %d requests went wrong, want about %.0f %%", hit, requests, 100*soakRate)
	}
}

// soak is a configuration of many resources, and what became of them.
type soak struct {
	t            *testing.T
	target       target
	seen         *everything
	faults       *sandbox.Injected
	process      *process
	start        time.Time
	applications int
	configs      []values
	states       []values
	doubtful     []bool

	rounds                         map[string]int
	notStaged, uncertain, imported int
}

func newSoak(t *testing.T, n int, seed uint64) *soak {
	t.Helper()

	s := &soak{
		t: t, seen: &everything{}, start: time.Now(), states: make([]values, n), doubtful: make([]bool, n),
		rounds: map[string]int{},
	}

	// Of five resources three have an application of their own, and two share one.
	var options sandbox.Options

	for i := range n {
		id := fmt.Sprintf("5f0c2b7e-3a41-4d5c-9b1e-%012d", i)
		if i%5 == 4 {
			id = s.configs[i-1].text("application_id")
		} else {
			options.Applications = append(options.Applications, sandbox.Application{ID: id, Name: "Application " + strconv.Itoa(i)})
		}

		s.configs = append(s.configs, values{"application_id": str(id)})
	}

	s.applications = len(options.Applications)
	s.target = newSandboxTarget(t, options)
	s.target.sandbox.HoldBuilds()
	s.process = newProcess(t, s.target, s.seen, values{"request_timeout": str("1500ms")})
	s.faults = s.target.sandbox.InjectRandom(seed, soakRate, soakFaults()...)

	return s
}

// untilDone runs a phase again and again until it leaves nothing to do. job is
// what to do with resource i, nil if there is nothing; jobs run at the same
// time. after, if not nil, is called at the end of each round.
func (s *soak) untilDone(phase string, job func(i int) func() error, after func()) {
	s.t.Helper()

	for range soakRounds {
		var (
			jobs []func()
			errs = make([]error, len(s.states))
		)

		for i := range s.states {
			if run := job(i); run != nil {
				jobs = append(jobs, func() { errs[i] = run() })
			}
		}

		if len(jobs) == 0 {
			return
		}

		s.rounds[phase]++

		concurrently(parallelism, jobs...)

		for _, err := range errs {
			if err != nil {
				s.t.Fatal(err)
			}
		}

		if after != nil {
			after()
		}
	}

	s.t.Fatalf("%s: it is not done after %d rounds", phase, soakRounds)
}

// create creates all resources, and after errors does what they say.
func (s *soak) create() {
	s.t.Helper()

	answers := make([]*tfprotov6.ApplyResourceChangeResponse, len(s.states))

	s.untilDone("create", func(i int) func() error {
		if s.states[i] != nil {
			return nil
		}

		apply := s.process.planned(nil, s.configs[i])

		return func() (err error) {
			answers[i], err = apply()

			return err
		}
	}, func() {
		for i, resp := range answers {
			if resp == nil {
				continue
			}

			answers[i] = nil
			s.states[i] = s.process.attributes(s.process.resourceSchema(), resp.NewState)

			switch s.process.verdictOf(s.t, resp) {
			case notStaged:
				s.notStaged++
			case uncertain:
				s.uncertain++
				s.doubtful[i] = true
			case staged:
			}
		}

		s.resolve()
	})
	s.agrees()
}

// resolve does what the error says of a staging that nobody knows the end of:
// look, some minutes later, whether an import of the application is there that
// no resource has, and import it; otherwise apply again.
func (s *soak) resolve() {
	s.t.Helper()

	eventually(s.t, "the server has done what it does late", func() bool {
		for _, r := range s.target.sandbox.Requests() {
			if r.Fault == "late" && !r.Processed {
				return false
			}
		}

		return true
	})

	unclaimed := s.unclaimed()

	for i := range s.states {
		app := s.configs[i].text("application_id")
		if s.doubtful[i] && len(unclaimed[app]) > 0 {
			s.states[i] = s.importedAtLast(unclaimed[app][0])
			s.imported++
			unclaimed[app] = unclaimed[app][1:]
		}
	}

	clear(s.doubtful)

	for app, ids := range unclaimed {
		if len(ids) > 0 {
			s.t.Errorf("application %s has %d imports of which no answer tells", app, len(ids))
		}
	}
}

// importedAtLast is a person's "terraform import", tried again where the network
// was in the way.
func (s *soak) importedAtLast(id string) values {
	s.t.Helper()

	for range soakRounds {
		if state, said := s.process.tryImport(id); said == "" {
			return state
		}
	}

	s.t.Fatalf("import %s could not be imported", id)

	return nil
}

// refresh reads all resources, some of which have moved on, and plans: there is
// nothing to do.
func (s *soak) refresh() {
	s.t.Helper()

	for range len(s.states) {
		s.target.sandbox.StepBuild()
	}

	var (
		schema = s.process.resourceSchema()
		reads  = make([]*tfprotov6.ReadResourceResponse, len(s.states))
		done   = make([]bool, len(s.states))
	)

	s.untilDone("refresh", func(i int) func() error {
		if done[i] {
			return nil
		}

		return func() (err error) {
			reads[i], err = s.process.refreshed(s.states[i])

			return err
		}
	}, func() {
		for i, read := range reads {
			switch before := packed(s.process.dynamic(schema, s.process.object(schema, s.states[i]))); {
			case done[i]:
			case len(read.Diagnostics) > 0:
				if summaries(read.Diagnostics) != "ERROR: Import could not be read" || !bytes.Equal(before, packed(read.NewState)) {
					s.t.Errorf("resource %d was not left alone: %s", i, details(read.Diagnostics))
				}
			default:
				s.states[i], done[i] = s.process.attributes(schema, read.NewState), true

				if plan := s.process.plan(s.states[i], s.configs[i]); !bytes.Equal(packed(plan.PlannedState), packed(read.NewState)) {
					s.t.Errorf("resource %d is planned to change: %s", i, details(plan.Diagnostics))
				}
			}
		}
	})
	s.agrees()

	for i, state := range s.states {
		if imp, _ := s.target.sandbox.Import(state.text("id")); state.text("status") != imp.Status {
			s.t.Errorf("resource %d is %s in the state and %s on the server", i, state.text("status"), imp.Status)
		}
	}
}

// destroy destroys all resources: in the end each import has ended or is
// canceled.
func (s *soak) destroy() {
	s.t.Helper()

	schema := s.process.resourceSchema()

	// Some end between the refresh and the destroy.
	for range len(s.states) / 3 {
		s.target.sandbox.StepBuild()
	}

	answers := make([]*tfprotov6.ApplyResourceChangeResponse, len(s.states))

	s.untilDone("destroy", func(i int) func() error {
		if s.states[i] == nil {
			return nil
		}

		apply := s.process.applies(s.process.destroyRequest(s.states[i]))

		return func() (err error) {
			answers[i], err = apply()

			return err
		}
	}, func() {
		for i, resp := range answers {
			after := s.process.attributes(schema, resp.NewState)

			switch before := s.process.dynamic(schema, s.process.object(schema, s.states[i])); {
			case s.states[i] == nil:
			case len(resp.Diagnostics) == 0 && after == nil:
				s.states[i] = nil
			case summaries(resp.Diagnostics) != "ERROR: Import could not be canceled" || !bytes.Equal(packed(before), packed(resp.NewState)):
				s.t.Errorf("resource %d was not left alone: %v, %s", i, after, details(resp.Diagnostics))
			}
		}
	})

	for _, imp := range s.target.sandbox.Imports() {
		switch imp.Status {
		case sandbox.StatusCanceling, sandbox.StatusFinished:
		default:
			s.t.Errorf("import %d goes on after its resource's end: %s", imp.Number, imp.Status)
		}
	}

	s.target.sandbox.ReleaseBuilds()

	if err := s.target.sandbox.Settle(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}

	if n := len(s.target.sandbox.Imports()); n != len(s.states) {
		s.t.Errorf("the server has %d imports in the end, want %d", n, len(s.states))
	}
}

// unclaimed are the imports that are in no state, by application.
func (s *soak) unclaimed() map[string][]string {
	owned := map[string]bool{}

	for i, state := range s.states {
		if state == nil {
			continue
		}

		if id := state.text("id"); owned[id] {
			s.t.Errorf("resource %d has the import %s of another one", i, id)
		} else {
			owned[id] = true
		}
	}

	unclaimed := map[string][]string{}

	for _, imp := range s.target.sandbox.Imports() {
		if !owned[imp.ID] {
			unclaimed[imp.ApplicationID] = append(unclaimed[imp.ApplicationID], imp.ID)
		}
	}

	return unclaimed
}

// agrees: each resource has its own import, of its application, and there are
// no others.
func (s *soak) agrees() {
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
			!state["number"].Equal(tftypes.NewValue(tftypes.Number, imp.Number)) {
			s.t.Errorf("resource %d has %v, the server %+v", i, state, imp)
		}
	}
}

func (s *soak) hits() map[string]int {
	hits := map[string]int{}

	for _, r := range s.target.sandbox.Requests() {
		if r.Fault != "" {
			hits[string(r.Operation)]++
		}
	}

	return hits
}
