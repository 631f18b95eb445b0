package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestWriteSeed(t *testing.T) {
	want := sandbox.SeedApplications()
	buildTime := 90 * time.Second
	want[0].BuildTime, want[0].FailLog = &buildTime, "one\ntwo"
	var text strings.Builder
	if err := sandbox.WriteSeed(&text, want); err != nil {
		t.Fatal(err)
	}
	got, err := sandbox.ReadSeed(strings.NewReader(text.String()))
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(sandbox.Application{}, "LastUpdated")); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestReadSeed(t *testing.T) {
	got, err := sandbox.ReadSeed(strings.NewReader(`{"applications":[{"name":"A"},{"name":"A"}]}`))
	want := []sandbox.Application{{Name: "A", Priority: "None"}, {Name: "A", Priority: "None"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}

	sameID := `{"name":"A","id":"` + coreID + `"},{"name":"B","id":"` + strings.ToUpper(coreID) + `"}`
	sameGroup := `{"name":"A","fileGroups":[{"id":"` + usersID + `"},{"id":"` + usersID + `"}]}`
	for seed, fragment := range map[string]string{
		``:                               "EOF",
		`[]`:                             "array",
		`{"applications":[]} {`:          "after the JSON object",
		`{"applications":[]}`:            "there are no applications",
		`{"apps":[]}`:                    `unknown field "apps"`,
		`{"applications":[{}]}`:          "name is missing",
		`{"name":"A\nB"}`:                "control character",
		`{"name":"A","id":"1"}`:          `"1" is not a GUID`,
		sameID:                           `application 2 ("B"): same id`,
		sameGroup:                        "more than one file group",
		`{"name":"A","priority":"high"}`: `priority "high"`,
		`{"name":"A","problem":"no"}`:    `problem "no"`,
		`{"name":"A","buildTime":"5"}`:   `buildTime "5"`,
		`{"name":"A","fileGroups":[{"name":"F"}]}`: `id "" of the file group "F"`,
	} {
		if strings.HasPrefix(seed, `{"name"`) {
			seed = `{"applications":[` + seed + `]}`
		}
		if got, err := sandbox.ReadSeed(strings.NewReader(seed)); err == nil || !strings.Contains(err.Error(), fragment) || got != nil {
			t.Errorf("%s: got %v, want %s", seed, err, fragment)
		}
	}
}
