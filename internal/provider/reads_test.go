package provider_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// wrongAnswers are answers to a read from which nothing may be concluded.
func wrongAnswers(other *elsewhere) map[string]sandbox.Action {
	answer := func(status int, body string) sandbox.Action { return sandbox.Answer(status, "application/json", body) }

	all := map[string]sandbox.Action{
		"an empty body":         answer(http.StatusOK, ""),
		"null":                  answer(http.StatusOK, "null"),
		"a list":                answer(http.StatusOK, `[{"id":"`+appID+`"}]`),
		"truncated JSON":        answer(http.StatusOK, `{"id":"3f2504e0-4f89-41d3-9a0c-0305e82c33`),
		"wrong types":           answer(http.StatusOK, `{"id":5,"items":{}}`),
		"another import's ID":   answer(http.StatusOK, `{"id":"`+appID+`","number":7,"status":"Finished"}`),
		"another page":          answer(http.StatusOK, `{"items":[],"totalCount":0,"page":9}`),
		"a login page with 200": sandbox.Answer(http.StatusOK, "text/html", echo),
		"half of the answer":    sandbox.HalfAnswer(),
		"connection closed":     sandbox.CloseConnection(),
		"a body of 100 MiB":     sandbox.Flood(100 << 20),
		"a server that hangs":   sandbox.Hang(),
		"redirect elsewhere":    sandbox.Redirect(302, other.url+"/"+token),
		"redirect 308":          sandbox.Redirect(308, other.url+"/api/application-imports"),
		"redirect in a circle":  sandbox.Redirect(302, "/api/application-imports/"+appID),
		"404 of a framework":    answer(http.StatusNotFound, `{"error":"Not Found","message":"`+token+`","status":404}`),
		"404 that is not Found": answer(http.StatusNotFound, `{"error":"validation_error","message":"`+token+`"}`),
		"401 with the envelope": sandbox.Envelope(http.StatusUnauthorized, "unauthorized", "Invalid or expired authentication token"),
		"403 with the envelope": sandbox.Envelope(http.StatusForbidden, "forbidden", "Not with "+token),
		"500 with the envelope": sandbox.Envelope(http.StatusInternalServerError, "server_error", "Not with "+token),
	}

	for _, status := range []int{401, 403, 404, 405, 410, 429, 500, 502, 503, 504} {
		all[fmt.Sprintf("a page with %d", status)] = page(status)("")
	}

	return all
}

// The state is the very same after every wrong answer to a read, and the answer
// is an error, both when Terraform refreshes and when an update reads.
func TestApplicationImport_readsLeaveTheStateAlone(t *testing.T) {
	t.Parallel()

	other := newElsewhere(t)

	var jobs []func()

	for name, action := range wrongAnswers(other) {
		jobs = append(jobs, func() {
			t.Run(name, func(t *testing.T) {
				tg := newSandboxTarget(t, sandbox.Options{})
				tg.sandbox.HoldBuilds()

				seen := &everything{}
				p := newProcess(t, tg, seen, values{"request_timeout": str("5s"), "max_retries": tftypes.NewValue(tftypes.Number, 0)})

				prior, err := p.planned(nil, values{"application_id": str(appID)})()
				if err != nil || len(prior.Diagnostics) > 0 {
					t.Fatal(err, details(prior.Diagnostics))
				}

				if name == "a server that hangs" {
					p = newProcess(t, tg, seen, values{"request_timeout": str("200ms"), "max_retries": tftypes.NewValue(tftypes.Number, 0)})
				}

				// Whatever is asked gets the wrong answer: there is no way round.
				tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: action})

				state := p.attributes(p.resourceSchema(), prior.NewState)

				read, err := p.refreshed(state)
				if err != nil {
					t.Fatal(err)
				}

				expectUntouched(t, "refresh", name, prior.NewState, read.NewState, read.Diagnostics)

				update, err := p.planned(state, values{"application_id": str(appID), "wait_for_completion": boolean(true)})()
				if err != nil {
					t.Fatal(err)
				}

				expectUntouched(t, "update", name, prior.NewState, update.NewState, update.Diagnostics)
				tg.sandbox.ClearFaults()

				read, err = p.refreshed(state)
				if err != nil || len(read.Diagnostics) > 0 || !bytes.Equal(packed(read.NewState), packed(prior.NewState)) {
					t.Errorf("the next read: %v %s", err, details(read.Diagnostics))
				}

				seen.expectNoToken(t)
				tg.expectCount(t, sandbox.OpStage, 1)
				tg.expectCount(t, sandbox.OpCancel, 0)
			})
		})
	}

	// A body of 100 MiB is read into memory.
	concurrently(8, jobs...)
	other.expectNothing(t)
}

func expectUntouched(t *testing.T, what, name string, before, after *tfprotov6.DynamicValue, diags []*tfprotov6.Diagnostic) {
	t.Helper()

	if diff := cmp.Diff(packed(before), packed(after)); diff != "" {
		t.Errorf("%s: the state has changed:\n%s", what, diff)
	}

	if got := summaries(diags); got != "ERROR: Import could not be read" {
		t.Errorf("%s: the diagnostics are:\n%s", what, details(diags))
	}

	said := details(diags)
	if strings.Contains(name, "401") && !strings.Contains(said, "PERMISSIONASSIST_TOKEN") {
		t.Errorf("%s: the token's variable is not named in:\n%s", what, said)
	}

	if strings.HasPrefix(name, "redirect") && !strings.Contains(said, `redirect to "`) {
		t.Errorf("%s: where the server redirects to is not said in:\n%s", what, said)
	}
}

// A token that is deleted in the middle of a run: whatever is done next says
// which variable to look at, and nothing is forgotten.
func TestApplicationImport_tokenDeletedInTheMiddle(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	tg.sandbox.HoldBuilds()

	p := newProcess(t, tg, &everything{}, values{})

	created, err := p.planned(nil, values{"application_id": str(appID)})()
	if err != nil || len(created.Diagnostics) > 0 {
		t.Fatal(err, details(created.Diagnostics))
	}

	state := p.attributes(p.resourceSchema(), created.NewState)
	waits := p.planned(state, values{"application_id": str(appID), "wait_for_completion": boolean(true)})
	destroys := p.applies(p.destroyRequest(state))
	another := p.planned(nil, values{"application_id": str(appID)})

	tg.sandbox.SetToken("pa_another")

	for name, tc := range map[string]struct {
		apply change
		want  *tfprotov6.DynamicValue
	}{
		"wait":    {waits, created.NewState},
		"destroy": {destroys, created.NewState},
		"create":  {another, p.dynamic(p.resourceSchema(), tftypes.NewValue(p.resourceSchema().ValueType(), nil))},
	} {
		resp, err := tc.apply()
		if err != nil {
			t.Fatal(err)
		}

		if said := details(resp.Diagnostics); !strings.Contains(said, "ERROR") || !strings.Contains(said, "PERMISSIONASSIST_TOKEN") {
			t.Errorf("%s: the diagnostics are:\n%s", name, said)
		}

		if diff := cmp.Diff(packed(tc.want), packed(resp.NewState)); diff != "" {
			t.Errorf("%s: the state has changed:\n%s", name, diff)
		}
	}

	if got := tg.onlyImport(t); got.Status != sandbox.StatusPending {
		t.Errorf("the import is %s, want Pending", got.Status)
	}
}
