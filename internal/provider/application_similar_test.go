package provider

import (
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func TestSimilarApplications(t *testing.T) {
	t.Parallel()

	var all []permissionassist.Application
	for _, name := range []string{"", "Jack Henry Silverlake", "Silverlake Archive", "Fiserv DNA", "Verafin", "Synergy"} {
		all = append(all, permissionassist.Application{Name: name})
	}

	for name, want := range map[string]string{
		"silverlake":            "Silverlake Archive|Jack Henry Silverlake",
		"Jack Henry Sliverlake": "Jack Henry Silverlake",
		"verafn":                "Verafin",
		"Sliverlake":            "Silverlake Archive|Jack Henry Silverlake",
		"fisrev":                "Fiserv DNA",
		"zzz":                   "",
		"Fiserv DNA (core)":     "Fiserv DNA",
	} {
		var got []string
		for _, app := range similarApplications(name, all) {
			got = append(got, app.Name)
		}

		if strings.Join(got, "|") != want {
			t.Errorf("similar to %q: %q, want %q", name, got, want)
		}
	}
}
