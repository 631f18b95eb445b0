package provider_test

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// terraform114 skips a test unless it runs with Terraform 1.14 or later.
// OpenTofu has other version numbers and lacks these features.
func terraform114() []tfversion.TerraformVersionCheck {
	return []tfversion.TerraformVersionCheck{noOpenTofu{}, tfversion.SkipBelow(tfversion.Version1_14_0)}
}

// noOpenTofu is a version check that OpenTofu fails.
type noOpenTofu struct{}

func (noOpenTofu) CheckTerraformVersion(_ context.Context, _ tfversion.CheckTerraformVersionRequest, resp *tfversion.CheckTerraformVersionResponse) {
	text, err := commandVersion()

	switch {
	case err != nil:
		resp.Error = err
	case strings.HasPrefix(text, "OpenTofu"):
		resp.Skip = "OpenTofu does not have it: skipping test."
	}
}

// commandVersion returns the version of the tests' Terraform or OpenTofu, such
// as "Terraform v1.11.4".
var commandVersion = sync.OnceValues(func() (string, error) {
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		terraform = "terraform"
	}

	out, err := exec.CommandContext(context.Background(), terraform, "version").Output()

	return regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v.*$`).FindString(string(out)), err
})

// needsTerraform114 is terraform114 for tests that run the command themselves.
func needsTerraform114(t *testing.T) {
	t.Helper()

	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}

	text, err := commandVersion()
	if err != nil {
		t.Fatal(err)
	}

	if !regexp.MustCompile(`^Terraform v(1\.(1[4-9]|[2-9]\d)|[2-9])\.`).MatchString(text) {
		t.Skipf("%s does not have this feature: it needs Terraform 1.14", text)
	}
}
