package provider_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// fault is what happens to the first POST that stages, and how that has to end.
type fault struct {
	name      string
	action    func(elsewhere string) sandbox.Action
	processed bool
	late      time.Duration
	// timeout is the provider's request_timeout. Where nothing but patience
	// tells the outcome, it is what the client waits for.
	timeout string
	want    verdict
	// posts that arrive for the staging that is hit.
	posts int
	// echoes: the answer has the token in it, and the error tells of the answer.
	echoes bool
}

const (
	patient   = "2s"
	impatient = "1s"
	// muchLater is when the client, which looks for twice its request time-out
	// or 4 s at most, has long gone.
	muchLater = 6 * time.Second
)

// echo is a text in which the server gives away what it was sent.
const echo = "<html>You sent Bearer " + token + " &amp; " + token + "</html>"

func page(status int, header ...string) func(string) sandbox.Action {
	return func(string) sandbox.Action {
		return sandbox.Answer(status, "text/html; charset="+token, echo, append(header, "X-Echo: "+token, "Set-Cookie: t="+token)...)
	}
}

func envelope(status int, code string, header ...string) func(string) sandbox.Action {
	return func(string) sandbox.Action {
		return sandbox.Answer(status, "application/json", fmt.Sprintf(
			`{"error":%q,"message":"bad %[2]s","correlationId":%[2]q,"errors":[{"field":%[2]q,"message":%[2]q}]}`, code, token), header...)
	}
}

func plainly(action sandbox.Action) func(string) sandbox.Action {
	return func(string) sandbox.Action { return action }
}

// faults are all that the client has to cope with. Most befall the POST before
// the server has processed it and after.
func faults() []fault {
	var all []fault

	// Not processed: looked for in vain, posted again. Processed: found.
	for _, f := range []fault{
		{name: "connection closed", action: plainly(sandbox.CloseConnection())},
		{name: "a page with 500", action: page(http.StatusInternalServerError)},
		{name: "a page with 502", action: page(http.StatusBadGateway)},
		{name: "a page with 503", action: page(http.StatusServiceUnavailable)},
	} {
		f.timeout, f.want, f.posts = patient, staged, 2
		all = append(all, f)

		f.processed, f.posts = true, 1
		all = append(all, f)
	}

	// The server said that it did something, or the one that gave up waiting was
	// not the server: it may yet be staged, so nothing is posted again.
	for _, f := range []fault{
		{name: "half of the answer", action: plainly(sandbox.HalfAnswer())},
		{name: "garbage with 201", action: plainly(sandbox.Answer(201, "application/json", `{"id":"`+token+`","status":`)), echoes: true},
		{name: "another item with 201", action: plainly(sandbox.Answer(201, "application/json", `{"id":"`+token+`"}`)), echoes: true},
		{name: "a page with 201", action: page(201), echoes: true},
		{name: "a page with 504", action: page(http.StatusGatewayTimeout), echoes: true},
		{name: "time-out", action: plainly(sandbox.Hang())},
	} {
		f.timeout, f.posts = impatient, 1
		f.want = uncertain
		all = append(all, f)

		f.processed, f.late = true, muchLater
		all = append(all, f)

		f.late, f.want, f.echoes = 0, staged, false
		all = append(all, f)
	}

	// The server says when to come again.
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		for _, kind := range []string{"0", "1", "date"} {
			for _, body := range []func(string) func(string) sandbox.Action{
				func(line string) func(string) sandbox.Action { return page(status, line) },
				func(line string) func(string) sandbox.Action { return envelope(status, "server_error", line) },
			} {
				all = append(all, fault{
					name: fmt.Sprintf("%d with Retry-After %s %d", status, kind, len(all)), timeout: patient, want: staged, posts: 2,
					action: func(string) sandbox.Action {
						value := kind
						if kind == "date" {
							value = time.Now().Add(time.Second).UTC().Format(http.TimeFormat)
						}

						return body("Retry-After: " + value)("")
					},
				})
			}
		}
	}

	return append(all, verdicts()...)
}

// verdicts are answers that say that nothing was staged; the client may look
// into the list, but does not post again.
func verdicts() []fault {
	redirect := func(status int, path string) func(string) sandbox.Action {
		return func(elsewhere string) sandbox.Action { return sandbox.Redirect(status, elsewhere+path) }
	}

	all := []fault{
		{name: "500 with the envelope", action: envelope(http.StatusInternalServerError, "server_error"), want: notStaged, echoes: true},
		{name: "500 creation_failed", action: envelope(http.StatusInternalServerError, "creation_failed"), want: notStaged, echoes: true},
		{name: "redirect 302 elsewhere", action: redirect(302, "/login/"+token+"?t="+token), want: notStaged, echoes: true},
		{name: "redirect 307 elsewhere", action: redirect(307, "/api/application-imports/stage"), want: notStaged},
		{name: "redirect 308 elsewhere", action: redirect(308, "/"+token), want: notStaged, echoes: true},
		{name: "redirect 308 to itself", action: plainly(sandbox.Redirect(308, "/api/application-imports/stage")), want: notStaged},
		{name: "redirect 302 elsewhere", action: redirect(302, "/login?"+token), processed: true, want: staged},
		{name: "redirect 307 elsewhere", action: redirect(307, "/login?"+token), processed: true, want: staged},
	}
	for i := range all {
		all[i].timeout, all[i].posts = patient, 1
	}

	return all
}

// situation is what a staging finds, and who else stages.
type situation struct {
	name                 string
	prepare              func(*sandbox.Server)
	processes, resources int // resources of each process
	// turns: the processes have staged before, one after the other, so that what
	// the first has noted then is out of date.
	turns bool
}

func situations() []situation {
	nothing := func(*sandbox.Server) {}
	foreign := func(s *sandbox.Server) {
		s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending, CreatedBy: "someone else"})
	}
	history := func(s *sandbox.Server) {
		for range 110 {
			s.AddImport(sandbox.Import{ApplicationID: appID, Type: sandbox.TypeAPI})
		}

		for range 3 {
			foreign(s)
		}
	}

	return []situation{
		{"first import", nothing, 1, 1, false},
		{"foreign import", foreign, 1, 1, false},
		{"history of three pages", history, 1, 1, false},
		{"three resources", nothing, 1, 3, false},
		{"second process", nothing, 2, 1, false},
		{"second process in turn", nothing, 2, 1, true},
	}
}

// Each fault in each situation: an import is staged exactly once, is in the
// state or the answer says what is known of it, and the token is in nothing that
// the provider lets out.
func TestApplicationImport_faultMatrix(t *testing.T) {
	t.Parallel()

	var (
		jobs  []func()
		other = newElsewhere(t)
		ran   atomic.Int64
		names = map[string]bool{}
	)

	for row, f := range faults() {
		for column, s := range situations() {
			// Each fault and each situation turns up in the quick run, too.
			if os.Getenv("TF_ACC") == "" && (row+column)%len(situations()) != 0 {
				continue
			}

			name := fmt.Sprintf("%s/%s, processed: %t, late: %s", s.name, f.name, f.processed, f.late)
			if names[name] {
				t.Fatalf("two cells are called %q", name)
			}

			names[name] = true

			jobs = append(jobs, func() {
				t.Run(name, func(t *testing.T) {
					ran.Add(1)

					c := newCell(t, f, s, other)
					c.stageAll()
					c.recover()
					c.expectOneEach()
				})
			})
		}
	}

	start := time.Now()

	concurrently(24, jobs...)
	other.expectNothing(t)
	t.Logf("%d cells in %s", ran.Load(), time.Since(start).Round(time.Second))
}

// cell is one fault in one situation.
type cell struct {
	t         *testing.T
	fault     fault
	target    target
	seen      *everything
	before    map[string]bool
	injected  *sandbox.Injected
	processes []*process // of each resource
	states    []values   // nil where there is none
	verdicts  []verdict
}

func newCell(t *testing.T, f fault, s situation, other *elsewhere) *cell {
	t.Helper()

	c := &cell{t: t, fault: f, target: newSandboxTarget(t, sandbox.Options{}), seen: &everything{}, before: map[string]bool{}}

	c.target.sandbox.HoldBuilds()
	s.prepare(c.target.sandbox)

	for range s.processes {
		p := newProcess(t, c.target, c.seen, values{"request_timeout": str(f.timeout)})
		for range s.resources {
			c.processes = append(c.processes, p)
		}

		if s.turns {
			if resp, err := p.planned(nil, values{"application_id": str(appID)})(); err != nil || len(resp.Diagnostics) > 0 {
				t.Fatal(err, details(resp.Diagnostics))
			}
		}
	}

	for _, imp := range c.target.sandbox.Imports() {
		c.before[imp.ID] = true
	}

	c.target.sandbox.ResetRequests()

	c.states, c.verdicts = make([]values, len(c.processes)), make([]verdict, len(c.processes))
	c.injected = c.target.sandbox.Inject(sandbox.Fault{
		Operation: sandbox.OpStage, Action: f.action(other.url), Processed: f.processed, Late: f.late,
	})

	return c
}

// create creates all resources that have no state, at once.
func (c *cell) create() {
	c.t.Helper()

	var (
		answers = make([]*tfprotov6.ApplyResourceChangeResponse, len(c.states))
		errs    = make([]error, len(c.states))
		jobs    []func()
	)

	for i, p := range c.processes {
		if c.states[i] == nil {
			apply := p.planned(nil, values{"application_id": str(appID)})
			jobs = append(jobs, func() { answers[i], errs[i] = apply() })
		}
	}

	concurrently(len(jobs)+1, jobs...)

	for i, p := range c.processes {
		if errs[i] != nil {
			c.t.Fatal(errs[i])
		}

		if answers[i] != nil {
			c.verdicts[i] = p.verdictOf(c.t, answers[i])
			c.states[i] = p.attributes(p.resourceSchema(), answers[i].NewState)
		}
	}
}

// stageAll is the first apply, in which one of the resources meets the fault.
func (c *cell) stageAll() {
	c.t.Helper()
	c.create()

	if n := c.injected.Fired(); n != 1 {
		c.t.Fatalf("the fault hit %d requests, want 1", n)
	}

	if got, want := c.target.sandbox.Count(sandbox.OpStage), c.fault.posts+len(c.states)-1; got != want {
		c.t.Errorf("%d POSTs arrived, want %d", got, want)
	}

	got, want := map[verdict]int{}, map[verdict]int{staged: len(c.states) - 1}
	want[c.fault.want]++

	for _, v := range c.verdicts {
		got[v]++
	}

	for _, v := range []verdict{staged, notStaged, uncertain} {
		if got[v] != want[v] {
			c.t.Errorf("%d stagings ended as %q, want %d:\n%s", got[v], v, want[v], c.seen)
		}
	}

	if c.fault.echoes && !strings.Contains(c.seen.String(), "[REDACTED]") {
		c.t.Errorf("the echo of the token was not seen in:\n%s", c.seen)
	}
}

// recover does what the answers tell a person to do: apply again what was not
// staged; look for what may have been, and import it if it is there.
func (c *cell) recover() {
	c.t.Helper()

	eventually(c.t, "the server has done what it does late", func() bool {
		for _, r := range c.target.sandbox.Requests() {
			if r.Fault != "" && r.Processed != c.fault.processed {
				return false
			}
		}

		return true
	})

	unclaimed := newImports(c.target.sandbox, c.before, c.owned())
	for i, v := range c.verdicts {
		if v == uncertain && len(unclaimed) > 0 {
			c.states[i] = c.processes[i].imported(unclaimed[0])
			unclaimed = unclaimed[1:]
		}
	}

	if len(unclaimed) > 0 {
		c.t.Errorf("%d imports were staged of which no answer tells", len(unclaimed))
	}

	c.create()
}

// owned are the imports that are in a state.
func (c *cell) owned() map[string]bool {
	owned := map[string]bool{}

	for _, state := range c.states {
		if state != nil {
			owned[strings.ToLower(state.text("id"))] = true
		}
	}

	return owned
}

// expectOneEach: each resource has its own import, no other was staged, nothing
// was canceled, and the token stayed inside.
func (c *cell) expectOneEach() {
	c.t.Helper()

	for i, state := range c.states {
		switch {
		case state == nil:
			c.t.Errorf("resource %d has not come to be: %s", i, c.verdicts[i])
		case c.before[state.text("id")]:
			c.t.Errorf("resource %d has an import that was there before", i)
		case state.text("status") != sandbox.StatusPending || !state["application_id"].Equal(str(appID)) || state["number"].IsNull():
			c.t.Errorf("the state of resource %d is %v", i, state)
		}
	}

	if n := len(c.owned()); n != len(c.states) {
		c.t.Errorf("%d resources have %d imports", len(c.states), n)
	}

	if ids := newImports(c.target.sandbox, c.before, c.owned()); len(ids) > 0 {
		c.t.Errorf("%d imports are in no state", len(ids))
	}

	if n := len(c.target.sandbox.Imports()); n != len(c.before)+len(c.states) {
		c.t.Errorf("the server has %d imports, want %d", n, len(c.before)+len(c.states))
	}

	c.target.expectCount(c.t, sandbox.OpCancel, 0)

	if !strings.Contains(c.seen.String(), "Permission Assist answered") {
		c.t.Error("the log has no requests")
	}

	c.seen.expectNoToken(c.t)
}
