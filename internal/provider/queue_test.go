package provider_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// queueTarget returns a sandbox whose queue does not move.
func queueTarget(t *testing.T) target {
	t.Helper()
	return newFakeTarget(t, sandbox.Options{Applications: []sandbox.Application{{ID: twinID, Name: "Verafin"}}}).held()
}

// A wait that ends too early names the imports ahead.
func TestQueue(t *testing.T) {
	t.Parallel()

	start := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	const idle = "No import is running. A review build may be"
	fails := func(action sandbox.Action) *sandbox.Fault {
		return &sandbox.Fault{Operation: sandbox.OpListImports, Skip: 1, Times: -1, Action: action}
	}
	for name, tc := range map[string]struct {
		// ahead are the statuses of the imports of another application.
		ahead     []string
		fault     *sandbox.Fault
		want, not string
	}{
		"two ahead": {
			ahead: []string{"Running", "Pending", "Finished"},
			want:  "2 unfinished imports are ahead of it: #1 of Verafin (Running since 2026-02-20T08:15:00Z), #2 of Verafin (Pending).",
			not:   idle + " … Running now",
		},
		"one ahead, none runs": {ahead: []string{"Paused"}, want: "1 unfinished import is ahead of it: #1 of Verafin (Paused). " + idle},
		"many ahead": {
			ahead: append(slices.Repeat([]string{"Pending"}, 6), "Running"),
			want:  "7 unfinished imports … #5 of Verafin (Pending), and 2 more. Running now: #7 of Verafin (Running since", not: "#6",
		},
		"nothing ahead": {want: "Nothing is ahead of it in the queue. " + idle + " … may be stopped"},
		"list fails":    {fault: fails(sandbox.Respond(502, "text/html", "")), want: "one at a time", not: "ahead … HTTP status"},
		"list hangs":    {fault: fails(sandbox.Delay(time.Hour)), want: "one at a time", not: "ahead of it"},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := queueTarget(t)
			for _, status := range tc.ahead {
				imp := sandbox.Import{ApplicationID: twinID, Status: status}
				if status == sandbox.StatusRunning {
					imp.BuildStart = &start
				}
				tg.sandbox.AddImport(imp)
			}
			if tc.fault != nil {
				tg.sandbox.Inject(*tc.fault)
			}
			p := configuredProtocol(t, tg)
			config := completion(p.cleanCreate().text("id"))
			config["timeouts"] = timeouts("1m")

			tg.sandbox.ResetRequests()
			begun := time.Now()
			got := details(p.completions().apply(t.Context(), nil, config).Diagnostics)
			wantContains(t, got, tc.want, "Import did not end in time … It continues in Permission Assist.")
			wantNotContains(t, got, tc.not)
			if took := time.Since(begun); took > time.Minute+2*time.Second {
				t.Errorf("it took %s", took)
			}
			if tg.sandbox.Count(sandbox.OpListImports) == 0 {
				t.Error("the list was not read")
			}
		})
	}
}

// An import that is running, and a server without the list, have no queue.
func TestQueue_unknown(t *testing.T) {
	t.Parallel()

	for name, dialect := range map[string]sandbox.Dialect{"running": {}, "just started": {}, "no list": {NoListImports: true}} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{Dialect: dialect}).held()
			p := configuredProtocol(t, tg)
			state := p.cleanCreate()
			switch name {
			case "running":
				tg.onRead(2, func() { tg.setStatus(t, sandbox.StatusRunning) })
			case "just started":
				tg.onRequest(sandbox.OpListImports, 0, func() { tg.setStatus(t, sandbox.StatusRunning) })
			}
			ctx := interruptOn(t, tg, sandbox.OpGetImport, 4)

			got := details(p.completions().apply(ctx, nil, completion(state.text("id"))).Diagnostics)
			wantContains(t, got, "Stopped waiting for the import", "It continues in Permission Assist.")
			wantNotContains(t, got, "ahead", "queue")
		})
	}
}

// An action's heartbeats name the queue.
func TestQueue_heartbeat(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "", func(t *testing.T) {
		const ahead = "1 unfinished import is ahead of it: #1 of Verafin (Pending)."
		tg := queueTarget(t)
		tg.sandbox.AddImport(sandbox.Import{ApplicationID: twinID, Status: sandbox.StatusPending})
		config := staging(true)
		config["timeout"] = "5m" // when a heartbeat is due
		result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, config)

		wantContains(t, strings.Join(result.progress, "\n"), "still Pending after 30s. "+ahead)
		wantContains(t, details(result.diagnostics), ahead)
	})
}
