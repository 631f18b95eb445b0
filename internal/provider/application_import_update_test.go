package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// A changed setting makes nothing unknown and sends no request. A wait makes
// only the changing attributes unknown. Neither replaces dependent resources.
func TestApplicationImport_updateMakesUnknown(t *testing.T) {
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

// The warning about an unknown application names the assumed application. If
// another one is applied nevertheless, the update is an error.
func TestApplicationImport_unknownApplication(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	p, state := created(t, tg)

	resp := p.plan(state, values{"application_id": unknownString()})
	for _, want := range []string{"WARNING: ", "Application is known only after apply", appName, appID, "nothing is staged or canceled", "terraform apply again"} {
		if got := details(resp.Diagnostics); !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}

	planned := p.attributes(p.resourceSchema(), resp.PlannedState)
	for attribute, value := range state {
		if attribute != "application_id" && !value.Equal(planned[attribute]) {
			t.Errorf("%s is planned as %s", attribute, planned[attribute])
		}
	}

	other := values{}
	maps.Copy(other, planned)
	other["application_id"] = str(otherAppID)
	resp.PlannedState = p.stateOf(other)

	tg.sandbox.ResetRequests()

	applied, err := p.server.ApplyResourceChange(t.Context(), p.applyRequest(state, values{"application_id": str(otherAppID)}, resp))
	if err != nil {
		t.Fatal(err)
	}

	if got := details(applied.Diagnostics); !strings.Contains(got, "ERROR: ") || !strings.Contains(got, "Nothing was staged or canceled") {
		t.Errorf("diagnostics:\n%s", got)
	}

	tg.expectCount(t, "", 0)
}

// If settings are unknown at plan, the second plan only refines the first.
// Otherwise, Terraform would report a bug in the provider.
func TestApplicationImport_unknownSettings(t *testing.T) {
	t.Parallel()

	unknown := tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue)

	for name, tc := range map[string]struct {
		status string
		config values
		// refused is the summary of the plan's error, if any.
		refused string
	}{
		"running, wait":              {"Running", values{"wait_for_completion": unknown}, ""},
		"failed, no restage":         {"Failed", values{"wait_for_completion": unknown, "restage_on_failure": boolean(false)}, ""},
		"failed, restage":            {"Failed", values{"wait_for_completion": unknown, "restage_on_failure": boolean(true)}, ""},
		"failed, restage by default": {"Failed", values{"wait_for_completion": unknown}, "Value of restage_on_failure is unknown"},
		"failed, restage not known": {
			"Failed", values{"wait_for_completion": boolean(true), "restage_on_failure": unknown}, "Value of restage_on_failure is unknown",
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
				continue // Terraform plans the new import separately.
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

// A value that was planned as known stays the same in the update, even if the
// server now reports another one: a token can be renamed.
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

	after := p.state(resp.NewState)
	for attribute, value := range planned {
		if value.IsFullyKnown() && !value.Equal(after[attribute]) {
			t.Errorf("%s was planned as %s and is %s", attribute, value, after[attribute])
		}
	}

	if !after["status"].Equal(str(sandbox.StatusFinished)) {
		t.Errorf("the status is %s", after["status"])
	}
}

// Permission Assist pauses an import whose changes are unusual. A plan that
// would cancel it before the review has a warning.
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

// A state from an earlier version or from terraform import may have no
// settings.
func TestApplicationImport_stateWithoutSettings(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()
	imp := tg.sandbox.AddImport(sandbox.Import{ApplicationID: appID, Status: "Pending"})

	p := configuredProtocol(t, tg)
	state := p.refreshed(t, values{"id": str(imp.ID)})
	if state.text("application_id") != appID || state.text("status") != "Pending" || !state["cancel_on_destroy"].IsNull() {
		t.Errorf("the state is %v", state)
	}

	plan := p.plan(state, values{"application_id": str(strings.ToUpper(appID))})
	if len(plan.RequiresReplace) > 0 {
		t.Errorf("the plan replaces it because of %v", plan.RequiresReplace)
	}
	if text := details(p.destroy(t.Context(), state).Diagnostics); text != "" {
		t.Error(text)
	}
	tg.expectCount(t, sandbox.OpCancel, 1)
}
