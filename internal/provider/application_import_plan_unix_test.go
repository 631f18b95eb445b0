//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// In a module with depends_on, every data source is read during apply if a
// dependency changes. The module's imports stay.
func TestAccCLI_moduleThatDepends(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{Applications: []sandbox.Application{{ID: otherAppID, Name: "Other"}}})
	tg.sandbox.HoldBuilds()

	w := newWorkspace(t, tg, "")
	configure := func(upstream, application string) {
		w.write("main.tf", fmt.Sprintf(`
resource "terraform_data" "upstream" { input = %q }
module "core" {
  source      = "./core"
  application = %q
  depends_on  = [terraform_data.upstream]
}
`, upstream, application))
	}

	if err := os.Mkdir(filepath.Join(w.dir, "core"), 0o700); err != nil {
		t.Fatal(err)
	}

	w.write("core/main.tf", w.providers()+`
variable "application" { type = string }
data "permissionassist_application" "app" { name = var.application }
resource "permissionassist_application_import" "test" { application_id = data.permissionassist_application.app.id }
`)
	configure("1", appName)
	w.run(0, "get")
	w.apply(0)
	tg.sandbox.ResetRequests()

	configure("2", appName)

	output := w.apply(0)
	for _, want := range []string{"Application is known only after apply", appID, "0 to add, 2 to change, 0 to destroy"} {
		if !text(want).MatchString(output) {
			t.Errorf("%q is missing in:\n%s", want, output)
		}
	}

	configure("3", "Other")

	if output := w.apply(1); !text("changed the planned action from Update to DeleteThenCreate").MatchString(output) {
		t.Error(output)
	}

	tg.expectCount(t, sandbox.OpStage, 0)
	tg.expectCount(t, sandbox.OpCancel, 0)

	w.apply(0)
	tg.expectCount(t, sandbox.OpStage, 1)
	tg.expectCount(t, sandbox.OpCancel, 1)
}
