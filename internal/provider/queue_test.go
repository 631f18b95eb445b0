package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// A wait that ends too early names the imports ahead, from one walk of the list
// for all waits.
func TestQueue(t *testing.T) {
	t.Parallel()

	start := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	add := func(tg target, status string) {
		imp := sandbox.Import{ApplicationID: twinID, Status: status}
		if status == sandbox.StatusRunning {
			imp.BuildStart = &start
		}
		tg.sandbox.AddImport(imp)
	}
	fails := func(action sandbox.Action) func(target) {
		return func(tg target) {
			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Skip: 2, Times: -1, Action: action})
		}
	}
	const idle = "No import is running. A review build may be"

	for name, test := range map[string]struct {
		arrange   func(target)
		want, not []string
	}{
		"two ahead": {func(tg target) {
			add(tg, sandbox.StatusRunning)
			add(tg, sandbox.StatusPending)
			add(tg, sandbox.StatusFinished)
		}, []string{"2 unfinished imports are ahead of it: #1 of Verafin (Running since 2026-02-20T08:15:00Z), #2 of Verafin (Pending)."}, []string{idle, "Running now"}},
		"one ahead, none runs": {func(tg target) { add(tg, "Paused") }, []string{"1 unfinished import is ahead of it: #1 of Verafin (Paused). " + idle}, nil},
		"many ahead": {func(tg target) {
			for range 6 {
				add(tg, sandbox.StatusPending)
			}
			add(tg, sandbox.StatusRunning)
		}, []string{"7 unfinished imports", "#5 of Verafin (Pending), and 2 more. Running now: #7 of Verafin (Running since"}, []string{"#6"}},
		"nothing ahead": {func(target) {}, []string{"No unfinished import is ahead of it. " + idle, "may be stopped"}, nil},
		"list fails":    {fails(sandbox.Respond(502, "text/html", "")), []string{"one at a time"}, []string{"ahead", "HTTP status"}},
		"list hangs":    {fails(sandbox.Delay(time.Hour)), []string{"one at a time"}, []string{"ahead of it"}},
	} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{Applications: []sandbox.Application{{ID: twinID, Name: "Verafin"}}})
			tg.sandbox.HoldBuilds()
			test.arrange(tg)
			p := configuredProtocol(t, tg)
			first, second := p.staged(t, appID), p.staged(t, appID)
			config := waiting()
			config["timeouts"] = timeouts("1m", "1m")

			tg.sandbox.ResetRequests()
			begun := time.Now()
			got := details(p.apply(t.Context(), first, config).Diagnostics)
			expectAll(t, got, append(test.want, "Import did not end in time", "It continues in Permission Assist.")...)
			expectNone(t, got, test.not...)
			if took := time.Since(begun); took > time.Minute+2*time.Second {
				t.Errorf("it took %s", took)
			}
			if lists := tg.sandbox.Count(sandbox.OpListImports); lists == 0 {
				t.Error("the list was not read")
			}

			if name == "nothing ahead" {
				tg.sandbox.ResetRequests()
				config["timeouts"] = timeouts("1s", "1s")
				expectAll(t, details(p.apply(t.Context(), second, config).Diagnostics), "1 unfinished import is ahead of it: #1 of")
				tg.expectCount(t, sandbox.OpListImports, 0) // read less than a minute ago
			}
		})
	}
}

// An import that is running, and a server without the list, have no queue.
func TestQueue_unknown(t *testing.T) {
	t.Parallel()

	for name, dialect := range map[string]sandbox.Dialect{"running": {}, "just started": {}, "no list": {NoListImports: true}} {
		inFakeTime(t, name, func(t *testing.T) {
			tg := newFakeTarget(t, sandbox.Options{Dialect: dialect})
			tg.sandbox.HoldBuilds()
			p := configuredProtocol(t, tg)
			state := p.staged(t, appID)
			switch name {
			case "running":
				tg.onRead(2, func() { tg.setStatus(t, sandbox.StatusRunning) })
			case "just started":
				tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, When: func(sandbox.Request) bool {
					tg.setStatus(t, sandbox.StatusRunning)

					return false
				}})
			}
			ctx := interruptOn(t, tg, sandbox.OpGetImport, 4)

			got := details(p.apply(ctx, state, waiting()).Diagnostics)
			expectAll(t, got, "Stopped waiting for the import", "It continues in Permission Assist.")
			expectNone(t, got, "ahead", "queue")
		})
	}
}

// An action's heartbeats name the queue, from at most one walk each minute.
func TestQueue_heartbeat(t *testing.T) {
	t.Parallel()

	inFakeTime(t, "", func(t *testing.T) {
		tg := newFakeTarget(t, sandbox.Options{Applications: []sandbox.Application{{ID: twinID, Name: "Verafin"}}})
		tg.sandbox.HoldBuilds()
		tg.sandbox.AddImport(sandbox.Import{ApplicationID: twinID, Status: sandbox.StatusPending})
		result := configuredProtocol(t, tg).invoke(t.Context(), stageAction, values{
			"application_id": str(appID), "wait_for_completion": boolean(true), "timeout": str("5m"), // when a heartbeat is due
		})

		expectAll(t, strings.Join(result.progress, "\n"), "still Pending after 30s. 1 unfinished import is ahead of it: #1 of Verafin (Pending).")
		expectAll(t, details(result.diagnostics), "1 unfinished import is ahead of it: #1 of Verafin (Pending).")
		// One for the baseline, and those of five minutes.
		if lists := tg.sandbox.Count(sandbox.OpListImports); lists < 3 || lists > 7 {
			t.Errorf("the list was read %d times", lists)
		}
	})
}
