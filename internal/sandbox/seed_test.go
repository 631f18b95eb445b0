package sandbox_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestSeedRoundTrip(t *testing.T) {
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

func TestSeedHasEachKind(t *testing.T) {
	var archived, unscheduled, failing, files, plain int
	for _, a := range sandbox.SeedApplications() {
		switch {
		case a.IsArchived:
			archived++
		case a.Problem == sandbox.NoSchedule:
			unscheduled++
		case a.FailBuilds:
			failing++
		case len(a.FileGroups) > 0:
			files++
		default:
			plain++
		}
	}
	if archived == 0 || unscheduled == 0 || failing == 0 || files == 0 || plain == 0 {
		t.Errorf("archived %d, unscheduled %d, failing %d, files %d, plain %d", archived, unscheduled, failing, files, plain)
	}
}

func TestReadSeedMinimal(t *testing.T) {
	got, err := sandbox.ReadSeed(strings.NewReader(`{"applications":[{"name":"A"},{"name":"A"}]}`))
	want := []sandbox.Application{{Name: "A", Priority: "None"}, {Name: "A", Priority: "None"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestReadSeedRejects(t *testing.T) {
	for seed, want := range map[string]string{
		``:                                   "invalid seed: EOF",
		`[]`:                                 "invalid seed: json: cannot unmarshal array into Go value of type sandbox.seed",
		`{"applications":[]} {`:              "invalid seed: unexpected text after the JSON object",
		`{"applications":[]}`:                "there are no applications",
		`{"apps":[]}`:                        `invalid seed: json: unknown field "apps"`,
		`{"applications":[{}]}`:              `application 1 (""): name is missing`,
		`{"applications":[{"name":"A\nB"}]}`: `application 1 ("A\nB"): name contains a control character`,
		`{"applications":[{"name":"A","id":"1"}]}`:                                                                  `application 1 ("A"): id "1" is not a GUID`,
		`{"applications":[{"name":"A","priority":"high"}]}`:                                                         `application 1 ("A"): priority "high" is not one of ["None" "Low" "Moderate" "High" "Critical"]`,
		`{"applications":[{"name":"A","problem":"no"}]}`:                                                            `application 1 ("A"): problem "no" is not one of ["NoSchedule" "NoConnector" "NoFilePaths" "CreationFailed"]`,
		`{"applications":[{"name":"A","buildTime":"5"}]}`:                                                           `application 1 ("A"): buildTime "5" is not a duration such as "30s"`,
		`{"applications":[{"name":"A","buildTime":"-5s"}]}`:                                                         `application 1 ("A"): buildTime "-5s" is not a duration such as "30s"`,
		`{"applications":[{"name":"A","fileGroups":[{"name":"F"}]}]}`:                                               `application 1 ("A"): id "" of the file group "F" is not a GUID`,
		`{"applications":[{"name":"A","lastUpdated":"2026-01-01T00:00:00Z"}]}`:                                      `invalid seed: json: unknown field "lastUpdated"`,
		`{"applications":[{"name":"A","id":"` + coreID + `"},{"name":"B","id":"` + strings.ToUpper(coreID) + `"}]}`: `application 2 ("B"): same id as application 1`,
		`{"applications":[{"name":"A","fileGroups":[{"id":"` + usersID + `"},{"id":"` + usersID + `"}]}]}`: `application 1 ("A"): there is more than one file group with id "` +
			usersID + `"`,
	} {
		if got, err := sandbox.ReadSeed(strings.NewReader(seed)); err == nil || err.Error() != want || got != nil {
			t.Errorf("%s: got %v\nwant %s", seed, err, want)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteSeedError(t *testing.T) {
	if err := sandbox.WriteSeed(brokenWriter{}, nil); err == nil {
		t.Error("no error")
	}
}
