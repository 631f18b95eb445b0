package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// If a data source is read during apply, the application's ID is unknown at
// plan. That does not count as another application: nothing is staged or
// canceled, and dependent resources stay, too.
func TestAccPlan_applicationReadDuringApply(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{}).held()
	config := func(input, arguments string) string {
		return tg.config(upstream(input) +
			applicationData("name = \""+appName+"\"\n depends_on = [terraform_data.upstream]") +
			block("resource", resourceType, "test", "application_id = data.permissionassist_application.test.id\n "+arguments) +
			block("resource", "terraform_data", "dependent", "triggers_replace = "+address+".id"))
	}
	kept := func(config string) resource.TestStep {
		s := step(config, "", wantState(address, values{"application_id": appID}))
		s.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			plancheck.ExpectResourceAction("terraform_data.dependent", plancheck.ResourceActionNoop),
			plancheck.ExpectUnknownValue(address, tfjsonpath.New("application_id")),
			plancheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("Pending")),
		}
		return s
	}
	lifecycle(t, step(config("1", ""), ""), kept(config("2", "")), kept(config("3", "cancel_on_destroy = false")))
	tg.wantRequests(t, requests{sandbox.OpStage: 1, sandbox.OpUpload: 0, sandbox.OpCancel: 0})
}

// A value is known only after another resource was applied. If an assumption of
// the plan turns out to be wrong, the apply ends with one error, and nothing
// was changed. The next apply replaces the import.
func TestAccPlan_wrongAssumption(t *testing.T) {
	t.Parallel()

	for name, tc := range map[string]struct{ body, before, after, want string }{
		"application": {importResource("${"+upstreamOutput+"}", ""), appID, fileAppID, "Error: Application differs from the plan"},
		"files": {
			importResource(fileAppID, filesArgument(usersID, "${"+upstreamOutput+"}")), "a.csv", "b.csv", "Error: Files differ from the plan",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newUploadTarget(t)
			tg.sandbox.UpdateApplication(fileAppID, func(a *sandbox.Application) { a.Problem = sandbox.NoProblem })
			w := newWorkspace(t, tg, upstream(tc.before)+tc.body)
			w.write("a.csv", "a")
			w.write("b.csv", "b")
			w.apply(0)

			w.configure(upstream(tc.after) + tc.body)
			output := w.apply(1)
			wantContains(t, output, tc.want, "run terraform apply again")
			if n := strings.Count(output, "Error: "); n != 1 {
				t.Errorf("there are %d errors:\n%s", n, output)
			}
			w.wantKnown(true)
			w.wantStaged(1)

			w.apply(0)
			w.wantStaged(2)
			w.wantPlan(0)
		})
	}
}
