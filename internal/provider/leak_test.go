package provider_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// A server that echoes the token where it is taken for data, as it is or
// escaped as a JSON encoder may do it: what people see and what is in the state
// has it cut out.
func TestApplicationImport_tokenInGoodAnswers(t *testing.T) {
	t.Parallel()

	for name, change := range map[string]func(body []byte) []byte{
		"as it is": func(body []byte) []byte { return body },
		"escaped":  func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(token), []byte(`\u0070`+token[1:])) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newSandboxTarget(t, sandbox.Options{TokenName: "made with " + token})
			tg.sandbox.UpdateApplication(appID, func(a *sandbox.Application) {
				a.Name, a.FailBuilds, a.FailLog = "Silverlake "+token, true, "first\ncurl -H 'Bearer "+token+"'\nlast"
			})
			tg.sandbox.Inject(sandbox.Fault{Times: -1, Action: sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
				return status, change(body)
			})})

			seen := &everything{}
			p := newProcess(t, tg, seen, values{})

			resp, err := p.planned(nil, values{"application_id": str(appID), "wait_for_completion": boolean(true)})()
			if err != nil {
				t.Fatal(err)
			}

			state := p.attributes(p.resourceSchema(), resp.NewState)
			if !strings.Contains(state.text("created_by"), "[REDACTED]") || !strings.Contains(details(resp.Diagnostics), "Bearer [REDACTED]") {
				t.Errorf("the echo of the token was not seen in: %v\n%s", state, details(resp.Diagnostics))
			}

			seen.expectNoToken(t)
		})
	}
}
