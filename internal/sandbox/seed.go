package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// SeedForm describes the form of a seed file.
const SeedForm = `{"applications": [{"id": GUID, "name": TEXT,
  "priority": "None" | "Low" | "Moderate" | "High" | "Critical",
  "isArchived": true | false,
  "problem": "NoSchedule" | "NoConnector" | "NoFilePaths" | "CreationFailed",
  "fileGroups": [{"id": GUID, "name": TEXT, "required": true | false}],
  "failBuilds": true | false, "failLog": TEXT,
  "buildTime": DURATION such as "30s" or "2m"}, …]}
Only "name" is required.`

// seedApplication is an application whose build time has the form of Go.
type seedApplication struct {
	Application
	BuildTime string `json:"buildTime"`
}

// SeedApplications returns the applications of an imaginary bank, one of each
// kind. Their IDs never change, so that examples can use them.
func SeedApplications() []Application {
	const id = "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e0"
	all := []Application{
		{ID: seedSilverlake, Name: "Jack Henry Silverlake", Priority: "Critical"},
		{ID: seedDNA, Name: "Fiserv DNA", Priority: "High"},
		{ID: id + "3", Name: "Verafin", Priority: "Moderate", FileGroups: []FileGroup{
			{ID: "8d2e6a90-71c4-4f3b-8a5d-3c9b7e5f1a01", Name: "Users", Required: true},
			{ID: "8d2e6a90-71c4-4f3b-8a5d-3c9b7e5f1a02", Name: "Roles"},
		}},
		{ID: id + "4", Name: "FIS Horizon (retired)", Priority: "Low", IsArchived: true},
		{ID: id + "5", Name: "Synergy Document Management", Priority: "Low", Problem: NoSchedule},
		{ID: id + "6", Name: "Fedline Advantage", Priority: "High", FailBuilds: true},
	}
	for n := range all {
		all[n].LastUpdated = seedTime(20)
	}
	return all
}

// ReadSeed reads applications from JSON in the form of SeedForm. It rejects
// unknown fields, so that a misspelled field is noticed.
func ReadSeed(r io.Reader) ([]Application, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var seed struct {
		Applications []seedApplication `json:"applications"`
	}
	if err := d.Decode(&seed); err != nil {
		return nil, fmt.Errorf("invalid seed: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("invalid seed: unexpected text after the JSON object")
	}
	if len(seed.Applications) == 0 {
		return nil, errors.New("there are no applications")
	}
	var all []Application
	for n, sa := range seed.Applications {
		a, err := sa.application()
		if err != nil {
			return nil, fmt.Errorf("application %d (%q): %w", n+1, a.Name, err)
		}
		same := func(other Application) bool { return a.ID != "" && normalID(a.ID) == normalID(other.ID) }
		if other := slices.IndexFunc(all, same); other >= 0 {
			return nil, fmt.Errorf("application %d (%q): same id as application %d", n+1, a.Name, other+1)
		}
		all = append(all, a)
	}
	return all, nil
}

// application checks what a server needs.
func (sa seedApplication) application() (Application, error) {
	a := sa.Application
	a.Priority = cmp.Or(a.Priority, "None")
	priorities := []string{"None", "Low", "Moderate", "High", "Critical"}
	problems := []Problem{NoProblem, NoSchedule, NoConnector, NoFilePaths, CreationFailed}
	switch {
	case strings.TrimSpace(a.Name) == "":
		return a, errors.New("name is missing")
	case a.ID != "" && !isGUID(a.ID):
		return a, fmt.Errorf("id %q is not a GUID", a.ID)
	case !slices.Contains(priorities, a.Priority):
		return a, fmt.Errorf("priority %q is not one of %q", a.Priority, priorities)
	case !slices.Contains(problems, a.Problem):
		return a, fmt.Errorf("problem %q is not one of %q", a.Problem, problems[1:])
	}
	if sa.BuildTime != "" {
		d, err := time.ParseDuration(sa.BuildTime)
		if err != nil || d < 0 {
			return a, fmt.Errorf("buildTime %q is not a duration such as \"30s\"", sa.BuildTime)
		}
		a.BuildTime = &d
	}
	for n, g := range a.FileGroups {
		switch {
		case !isGUID(g.ID):
			return a, fmt.Errorf("id %q of the file group %q is not a GUID", g.ID, g.Name)
		case a.fileGroup(g.ID) != &a.FileGroups[n]:
			return a, fmt.Errorf("there is more than one file group with id %q", g.ID)
		}
	}
	return a, nil
}
