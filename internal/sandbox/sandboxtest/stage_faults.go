package sandboxtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// StageOutcome is the required outcome of staging an import.
type StageOutcome string

// The outcomes. An import is Recovered if the response to the POST did not name
// it and it was found in the list.
const (
	Staged    StageOutcome = "staged"
	Recovered StageOutcome = "recovered"
	NotStaged StageOutcome = "not staged"
	Uncertain StageOutcome = "uncertain"
	Ambiguous StageOutcome = "ambiguous"
)

// StageDoubt is how likely an import was staged after the last response. It
// determines how long the list is searched.
type StageDoubt string

// The degrees of doubt.
const (
	NoDoubt  StageDoubt = "none"     // no search
	Unlikely StageDoubt = "unlikely" // a search of 2 seconds
	Unknown  StageDoubt = "unknown"  // a search of the request timeout
)

// StageFault is a fault of the POST that stages or uploads, with the outcome
// that it must have on a server without other clients, with the default of four
// retries.
type StageFault struct {
	Name string
	// Only is sandbox.OpStage or sandbox.OpUpload; empty means both.
	Only sandbox.Operation
	// Fault has no operation: Inject sets it. It hits one POST, or every POST
	// if Times is -1.
	Fault sandbox.Fault
	Doubt StageDoubt
	Want  StageOutcome
	// Posts is how many POSTs arrive.
	Posts int
	// Imports is how many imports exist in the end, after the server has also
	// handled delayed requests.
	Imports int
}

// Inject adds the fault to a server for the operation op.
func (f StageFault) Inject(s *sandbox.Server, op sandbox.Operation) *sandbox.Injected {
	fault := f.Fault
	fault.Operation = op
	return s.Inject(fault)
}

// AppliesTo reports whether the fault applies to op.
func (f StageFault) AppliesTo(op sandbox.Operation) bool { return f.Only == "" || f.Only == op }

// StageFaults returns the faults for a client with the given request timeout.
// Every layer, from staging to the provider, must handle each of them.
func StageFaults(requestTimeout time.Duration) []StageFault {
	all := slices.Concat(refusals(), retriedRefusals(), unlikelyFaults(), unknownFaults(requestTimeout))
	slices.SortFunc(all, func(a, b StageFault) int { return strings.Compare(a.Name+string(a.Only), b.Name+string(b.Only)) })
	return all
}

const html = "text/html"

// refusals are responses after which certainly no import was staged.
func refusals() []StageFault {
	var all []StageFault
	for status, code := range map[int]string{
		400: "validation_error", 401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 422: "unprocessable_entity",
		500: "creation_failed",
	} {
		all = append(all, StageFault{
			Name: fmt.Sprintf("%d %s", status, code), Fault: sandbox.Fault{Action: sandbox.Envelope(status, code, "Refused")},
			Doubt: NoDoubt, Want: NotStaged, Posts: 1,
		})
	}
	return all
}

// retriedRefusals are responses after which the client sends the POST again,
// because certainly no import was staged.
func retriedRefusals() []StageFault {
	actions := map[string]sandbox.Action{}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		actions[fmt.Sprintf("%d page with Retry-After", status)] = sandbox.RetryAfter(status, "1", false)
		actions[fmt.Sprintf("%d envelope with Retry-After", status)] = sandbox.RetryAfter(status, "1", true)
	}
	all := []StageFault{{
		Name: "429 page", Fault: sandbox.Fault{Action: sandbox.Respond(http.StatusTooManyRequests, html, "")},
		Doubt: NoDoubt, Want: Staged, Posts: 2, Imports: 1,
	}}
	for name, action := range actions {
		all = append(all,
			StageFault{Name: name, Fault: sandbox.Fault{Action: action}, Doubt: NoDoubt, Want: Staged, Posts: 2, Imports: 1},
			StageFault{Name: name + " every time", Fault: sandbox.Fault{Action: action, Times: -1}, Doubt: NoDoubt, Want: NotStaged, Posts: 5})
	}
	return all
}

// unlikelyFaults are responses that say that no import was staged. If there is
// one anyway, its state is unknown.
func unlikelyFaults() []StageFault {
	var all []StageFault
	add := func(name string, only sandbox.Operation, fault sandbox.Fault) {
		processed := fault
		processed.Processed = true
		all = append(all,
			StageFault{Name: name, Only: only, Fault: fault, Doubt: Unlikely, Want: NotStaged, Posts: 1},
			StageFault{Name: name + ", processed", Only: only, Fault: processed, Doubt: Unlikely, Want: Ambiguous, Posts: 1, Imports: 1})
	}

	for name, action := range map[string]sandbox.Action{
		"500 server_error":   sandbox.Envelope(500, "server_error", "An unexpected error occurred"),
		"503 server_error":   sandbox.Envelope(503, "server_error", "Down"),
		"302 to a login":     sandbox.Redirect(302, "/login?return=/api"),
		"307 to itself":      sandbox.Redirect(307, "/api/application-imports/stage"),
		"308 somewhere else": sandbox.Redirect(308, "https://elsewhere.test/api/application-imports/stage"),
	} {
		add(name, "", sandbox.Fault{Action: action})
	}
	// A firewall can replace the response to a POST that was processed.
	for _, status := range []int{400, 401, 403, 404, 405, 413, 417, 451} {
		add(fmt.Sprintf("%d page", status), "", sandbox.Fault{Action: sandbox.Respond(status, html, "<h1>Refused</h1>")})
	}
	for name, action := range map[string]sandbox.Action{
		"closed": sandbox.CloseConnection(), "502 page": sandbox.Respond(502, html, ""), "504 page": sandbox.Respond(504, html, ""),
	} {
		add("half of the upload read, "+name, sandbox.OpUpload, sandbox.Fault{Action: action, HalfUpload: true})
	}
	return all
}

// unknownFaults are faults after which an import may have been staged or may
// still be staged.
func unknownFaults(requestTimeout time.Duration) []StageFault {
	created := func(body string) sandbox.Action { return sandbox.Respond(http.StatusCreated, "application/json", body) }
	odd := func(fields string) sandbox.Action {
		return created(`{"id":"5e6f7a8b-0000-4000-8000-000000000001","number":4711,` + fields + `}`)
	}
	actions := map[string]sandbox.Action{
		"connection closed":        sandbox.CloseConnection(),
		"no response":              sandbox.Hang(),
		"half of the response":     sandbox.HalfResponse(),
		"408 page":                 sandbox.Respond(408, html, ""),
		"499 page":                 sandbox.Respond(499, html, ""),
		"500 page":                 sandbox.Respond(500, html, "<h1>Server Error</h1>"),
		"500 of another API":       sandbox.Respond(500, "application/json", `{"error":"Internal Server Error","status":500}`),
		"502 page":                 sandbox.Respond(502, html, "<h1>Bad Gateway</h1>"),
		"503 page":                 sandbox.Respond(503, html, "<h1>Service Unavailable</h1>"),
		"504 page":                 sandbox.Respond(504, html, "<h1>Gateway Timeout</h1>"),
		"login page":               sandbox.LoginPage(),
		"204":                      sandbox.Respond(204, "", ""),
		"201 without a body":       created(""),
		"201 with null":            created("null"),
		"201 with an empty object": created("{}"),
		"201 with garbage":         created(`{"id":"5e6f`),
		"201 with an envelope":     created(`{"error":"server_error","message":"Down","correlationId":"1"}`),
		"201 with an ended import": odd(`"status":"Finished"`),
		"201 with a build end":     odd(`"status":"Odd","buildEnd":"2026-02-20T08:15:00"`),
		"201 with an import of another application": odd(`"status":"Pending",` +
			`"application":{"id":"5e6f7a8b-0000-4000-8000-000000000002"}`),
	}

	var all []StageFault
	add := func(name string, fault sandbox.Fault, want StageOutcome, imports int) {
		all = append(all, StageFault{Name: name, Fault: fault, Doubt: Unknown, Want: want, Posts: 1, Imports: imports})
	}
	during, after := requestTimeout*2/3, 3*max(requestTimeout, 2*time.Second)
	for name, action := range actions {
		add(name, sandbox.Fault{Action: action}, Uncertain, 0)
		add(name+", processed", sandbox.Fault{Action: action, Processed: true}, Recovered, 1)
		add(name+", processed during the search", sandbox.Fault{Action: action, Processed: true, Late: during}, Recovered, 1)
		add(name+", processed after the search", sandbox.Fault{Action: action, Processed: true, Late: after}, Uncertain, 1)
	}
	late := sandbox.Delay(requestTimeout + time.Second)
	add("late response", sandbox.Fault{Action: late}, Uncertain, 0)
	add("late response, processed", sandbox.Fault{Action: late, Processed: true}, Recovered, 1)
	return all
}
