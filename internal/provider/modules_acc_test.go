package provider_test

import (
	"os"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// The example modules pass their own "terraform test" against a sandbox.
func TestAccExamples_modules(t *testing.T) {
	t.Parallel()

	modules, err := os.ReadDir("../../examples/modules")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range modules {
		t.Run(module.Name(), func(t *testing.T) {
			t.Parallel()

			server, url := sandboxtest.Start(t, sandbox.Options{
				Token: token, Applications: sandbox.SeedApplications(), BuildTime: 2 * time.Second,
			})
			w := newWorkspace(t, target{endpoint: url, token: token, sandbox: server}, "")
			w.copyFolder("../../examples/modules/" + module.Name())
			w.run(0, "test", "-no-color")
		})
	}
}
