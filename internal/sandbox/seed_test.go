package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestReadSeed(t *testing.T) {
	got, err := sandbox.ReadSeed(strings.NewReader(`{"applications":[{"name":"A"},{"name":"A","id":"` + fileID + `","priority":"High",
		"isArchived":true,"problem":"NoSchedule","fileGroups":[{"id":"` + usersID + `","name":"Users","required":true}],
		"failBuilds":true,"failLog":"one\ntwo","buildTime":"90s"}]}`))
	buildTime := 90 * time.Second
	want := []sandbox.Application{{Name: "A", Priority: "None"}, {
		Name: "A", ID: fileID, Priority: "High", IsArchived: true, Problem: sandbox.NoSchedule,
		FileGroups: []sandbox.FileGroup{{ID: usersID, Name: "Users", Required: true}},
		FailBuilds: true, FailLog: "one\ntwo", BuildTime: &buildTime,
	}}
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
