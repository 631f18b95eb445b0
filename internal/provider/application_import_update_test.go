package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// created is an import that is in the state, and not waited for.
func created(t *testing.T, tg target) (*protocol, values) {
	t.Helper()

	tg.sandbox.HoldBuilds()
	p := configuredProtocol(t, tg)

	resp := p.apply(t.Context(), nil, values{"application_id": str(appID)})

	state := p.attributes(p.resourceSchema(), resp.NewState)

	return p, state
}

// A failed import that is to be waited for is an error however often it is
// applied, also where it shall not be staged anew.
func TestApplicationImport_waitForOneThatHasFailed(t *testing.T) {
	t.Parallel()

	for name, gone := range map[string]bool{"with its log": false, "whose record is gone": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			p, state := created(t, tg)
			id := tg.onlyImport(t).ID

			tg.sandbox.UpdateImport(id, func(i *sandbox.Import) { i.Status, i.Log = "Failed", "the very reason" })

			state = p.attributes(p.resourceSchema(), p.read(state).NewState)

			if gone {
				tg.sandbox.RemoveImport(id)
			}

			for range 2 {
				got := details(p.apply(t.Context(), state, values{
					"application_id": str(appID), "wait_for_completion": boolean(true), "restage_on_failure": boolean(false),
				}).Diagnostics)

				if !strings.Contains(got, "ERROR: ") || !strings.Contains(got, "import #1 of "+appName) || !strings.Contains(got, "-replace=ADDRESS") ||
					strings.Contains(got, "the very reason") == gone {
					t.Errorf("diagnostics:\n%s", got)
				}
			}

			tg.expectCount(t, sandbox.OpStage, 1)
		})
	}
}

// Settings make nothing unknown and ask the server nothing; a wait makes only
// unknown what moves. Neither replaces what depends on the import.
func TestApplicationImport_whatAnUpdateMakesUnknown(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p, state := created(t, tg)

	for name, tc := range map[string]struct {
		config  values
		unknown string
	}{
		"settings": {values{"application_id": str(appID), "cancel_on_destroy": boolean(false), "on_timeout": str("warn")}, ""},
		"wait":     {values{"application_id": str(appID), "wait_for_completion": boolean(true)}, "build_end build_start metrics status"},
	} {
		var unknown []string

		for _, attribute := range []string{"application", "build_end", "build_start", "created_by", "id", "metrics", "number", "status", "type"} {
			if !p.attributes(p.resourceSchema(), p.plan(state, tc.config).PlannedState)[attribute].IsFullyKnown() {
				unknown = append(unknown, attribute)
			}
		}

		if got := strings.Join(unknown, " "); got != tc.unknown {
			t.Errorf("%s: unknown are %q, want %q", name, got, tc.unknown)
		}
	}

	tg.sandbox.ResetRequests()

	if got := details(p.apply(t.Context(), state, values{"application_id": str(appID), "cancel_on_destroy": boolean(false)}).Diagnostics); got != "" {
		t.Error(got)
	}

	tg.expectCount(t, "", 0)
}

// What ends a wait that is none of the documented ends says what to do about it.
func TestApplicationImport_waitEndsOtherwise(t *testing.T) {
	t.Parallel()

	waiting := values{"application_id": str(appID), "wait_for_completion": boolean(true), "timeouts": timeouts("1500ms", "1500ms")}

	for name, tc := range map[string]struct {
		fault     sandbox.Fault
		status    string
		want, not []string
	}{
		"removed": {
			sandbox.Fault{Operation: sandbox.OpGetImport, Action: sandbox.Envelope(404, "not_found", "Application import not found")}, "Pending",
			[]string{"ERROR: ", "Import no longer exists", "Application import not found", "terraform apply again"}, []string{"untaint", "Check the ID"},
		},
		"unreadable": {
			sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: sandbox.LoginPage()}, "Pending",
			[]string{"was not seen to end", "It may have ended", "Sign in", "PERMISSIONASSIST_ENDPOINT", "untaint"}, []string{"It goes on"},
		},
		"unreadable, repeatedly tried": {
			sandbox.Fault{Operation: sandbox.OpGetImport, Times: -1, Action: sandbox.Answer(502, "text/html", "")}, "Pending",
			[]string{"It may have ended", "HTTP status 502"}, []string{"It goes on"},
		},
		"paused": {
			sandbox.Fault{}, "Awaiting Review",
			[]string{"last status was Awaiting Review", "continues or cancels it"}, []string{"one after the other"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{})
			tg.sandbox.HoldBuilds()

			if tc.fault.Operation != "" {
				tg.sandbox.Inject(tc.fault)
			}

			tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpGetImport, When: func(sandbox.Request) bool {
				tg.sandbox.UpdateImport(tg.onlyImport(t).ID, func(i *sandbox.Import) { i.Status = tc.status })

				return false
			}})

			got := details(configuredProtocol(t, tg).apply(t.Context(), nil, waiting).Diagnostics)

			for _, want := range tc.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is missing in:\n%s", want, got)
				}
			}

			for _, not := range tc.not {
				if strings.Contains(got, not) {
					t.Errorf("%q is out of place in:\n%s", not, got)
				}
			}
		})
	}
}

// Settings that are not known at plan: what is planned then is refined, and not
// changed, once they are, or Terraform calls the provider broken.
func TestApplicationImport_unknownSettings(t *testing.T) {
	t.Parallel()

	unknown := tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue)

	for name, tc := range map[string]struct {
		status string
		config values
		// refused is what a plan is refused for.
		refused string
	}{
		"running, wait":         {"Running", values{"wait_for_completion": unknown}, ""},
		"failed, no restage":    {"Failed", values{"wait_for_completion": unknown, "restage_on_failure": boolean(false)}, ""},
		"failed, restage":       {"Failed", values{"wait_for_completion": unknown, "restage_on_failure": boolean(true)}, ""},
		"failed, restage alike": {"Failed", values{"wait_for_completion": unknown}, "Not known whether to stage again"},
		"failed, restage not known": {
			"Failed", values{"wait_for_completion": boolean(true), "restage_on_failure": unknown}, "Not known whether to stage again",
		},
		"failed, replaced anyway, restage not known": {"Failed", values{"application_id": str(otherAppID), "restage_on_failure": unknown}, ""},
		"failed, replaced anyway, wait not known": {
			"Failed", values{"application_id": str(otherAppID), "wait_for_completion": unknown, "restage_on_failure": boolean(false)}, "",
		},
		"finished": {"Finished", values{"wait_for_completion": unknown, "restage_on_failure": unknown}, ""},
	} {
		for _, resolved := range []bool{false, true} {
			tg := newSandboxTarget(t, sandbox.Options{})
			p, state := created(t, tg)

			tg.sandbox.UpdateImport(tg.onlyImport(t).ID, func(i *sandbox.Import) { i.Status = tc.status })
			state = p.attributes(p.resourceSchema(), p.read(state).NewState)

			first, last := values{"application_id": str(appID)}, values{"application_id": str(appID)}
			for attribute, value := range tc.config {
				first[attribute], last[attribute] = value, value
				if !value.IsKnown() {
					last[attribute] = boolean(resolved)
				}
			}

			plan := p.plan(state, first)
			if got := summaries(plan.Diagnostics); tc.refused != "" || strings.Contains(got, "ERROR") {
				if tc.refused == "" || !strings.Contains(got, "ERROR: "+tc.refused) {
					t.Errorf("%s: %s", name, details(plan.Diagnostics))
				}

				continue
			}

			final := p.plan(state, last)
			if text := details(final.Diagnostics); strings.Contains(text, "ERROR") || len(final.RequiresReplace) > 0 && text != "" {
				t.Errorf("%s, %t: %s", name, resolved, text)
			}

			if (len(plan.RequiresReplace) > 0) != (len(final.RequiresReplace) > 0) {
				t.Errorf("%s, %t: replaced for %v, and then for %v", name, resolved, plan.RequiresReplace, final.RequiresReplace)
			}

			if len(final.RequiresReplace) > 0 {
				continue // Terraform plans the new one by itself.
			}

			then := p.attributes(p.resourceSchema(), final.PlannedState)
			for attribute, value := range p.attributes(p.resourceSchema(), plan.PlannedState) {
				if value.IsFullyKnown() && !value.Equal(then[attribute]) {
					t.Errorf("%s, %t: %s was planned as %s, and then as %s", name, resolved, attribute, value, then[attribute])
				}
			}
		}
	}
}

// What was planned as known is so after the update, whatever the server says of
// it meanwhile: a token can get another name.
func TestApplicationImport_updateKeepsWhatWasPlanned(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p, state := created(t, tg)

	tg.sandbox.UpdateImport(tg.onlyImport(t).ID, func(i *sandbox.Import) {
		i.CreatedBy, i.Type, i.Status = "someone else", sandbox.TypeManual, sandbox.StatusFinished
	})
	tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) { a.Name = "Another name" })

	config := values{"application_id": str(appID), "wait_for_completion": boolean(true)}
	planned := p.attributes(p.resourceSchema(), p.plan(state, config).PlannedState)

	resp := p.apply(t.Context(), state, config)
	if text := details(resp.Diagnostics); text != "" {
		t.Fatal(text)
	}

	after := p.attributes(p.resourceSchema(), resp.NewState)
	for attribute, value := range planned {
		if value.IsFullyKnown() && !value.Equal(after[attribute]) {
			t.Errorf("%s was planned as %s and is %s", attribute, value, after[attribute])
		}
	}

	if !after["status"].Equal(str(sandbox.StatusFinished)) {
		t.Errorf("the status is %s", after["status"])
	}
}

// The product pauses an import whose changes are unusual. That a plan would
// overrule the person who is to look at it is said.
func TestApplicationImport_planCancelsAPausedImport(t *testing.T) {
	t.Parallel()

	const warning = "WARNING: Import may be waiting for a person"

	for name, tc := range map[string]struct {
		status string
		keeps  bool
		config values // nil: destroy
		warns  bool
	}{
		"another trigger":               {"Paused", false, values{"triggers": triggersOf("2")}, true},
		"another application":           {"Paused", false, values{"application_id": str(otherAppID), "triggers": triggersOf("1")}, true},
		"destroyed":                     {"Paused", false, nil, true},
		"destroyed, but not canceled":   {"Paused", true, nil, false},
		"replaced, but not canceled":    {"Paused", true, values{"triggers": triggersOf("2")}, false},
		"no other":                      {"Paused", false, values{"triggers": triggersOf("1"), "on_timeout": str("warn")}, false},
		"another trigger, not paused":   {"Running", false, values{"triggers": triggersOf("2")}, false},
		"destroyed, status not known":   {"", false, nil, false},
		"another trigger, has finished": {"Finished", false, values{"triggers": triggersOf("2")}, false},
	} {
		tg := newSandboxTarget(t, sandbox.Options{})
		tg.sandbox.HoldBuilds()

		p := configuredProtocol(t, tg)
		state := p.attributes(p.resourceSchema(), p.apply(t.Context(), nil, values{
			"application_id": str(appID), "triggers": triggersOf("1"), "cancel_on_destroy": boolean(!tc.keeps),
		}).NewState)

		state["status"] = str(tc.status)
		if tc.status == "" {
			state["status"] = tftypes.NewValue(tftypes.String, nil)
		}

		var diags []*tfprotov6.Diagnostic

		if tc.config == nil {
			diags = p.planDestroy(state).Diagnostics
		} else {
			config := values{"application_id": str(appID), "cancel_on_destroy": boolean(!tc.keeps)}
			maps.Copy(config, tc.config)
			diags = p.plan(state, config).Diagnostics
		}

		if got := summaries(diags); (got == warning) != tc.warns || !tc.warns && got != "" {
			t.Errorf("%s: %s", name, details(diags))
		}
	}
}

func triggersOf(release string) tftypes.Value {
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"release": str(release)})
}
