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
	"unicode"
)

// SeedForm describes the form of a seed file in error messages.
const SeedForm = `{"applications": [{"id": GUID, "name": TEXT,
  "priority": "None" | "Low" | "Moderate" | "High" | "Critical",
  "isArchived": true | false,
  "problem": "NoSchedule" | "NoConnector" | "NoFilePaths" | "CreationFailed",
  "fileGroups": [{"id": GUID, "name": TEXT, "required": true | false}],
  "failBuilds": true | false, "failLog": TEXT,
  "buildTime": DURATION such as "30s" or "2m"}, …]}
Only "name" is required.`

type seed struct {
	Applications []seedApplication `json:"applications"`
}

type seedApplication struct {
	ID         string          `json:"id,omitempty"`
	Name       string          `json:"name"`
	Priority   string          `json:"priority,omitempty"`
	IsArchived bool            `json:"isArchived,omitempty"`
	Problem    Problem         `json:"problem,omitempty"`
	FileGroups []seedFileGroup `json:"fileGroups,omitempty"`
	FailBuilds bool            `json:"failBuilds,omitempty"`
	FailLog    string          `json:"failLog,omitempty"`
	BuildTime  string          `json:"buildTime,omitempty"`
}

type seedFileGroup struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"`
}

// SeedApplications returns the applications of an imaginary bank, one of each
// kind. Their IDs never change, so that examples can use them.
func SeedApplications() []Application {
	updated := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	return []Application{
		{
			ID: "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e01", Name: "Jack Henry Silverlake", Priority: "Critical",
			LastUpdated: updated,
		},
		{
			ID: "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e02", Name: "Fiserv DNA", Priority: "High",
			LastUpdated: updated,
		},
		{
			ID: "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e03", Name: "Verafin", Priority: "Moderate",
			LastUpdated: updated,
			FileGroups: []FileGroup{
				{ID: "8d2e6a90-71c4-4f3b-8a5d-3c9b7e5f1a01", Name: "Users", Required: true},
				{ID: "8d2e6a90-71c4-4f3b-8a5d-3c9b7e5f1a02", Name: "Roles"},
			},
		},
		{
			ID: "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e04", Name: "FIS Horizon (retired)", Priority: "Low",
			LastUpdated: updated, IsArchived: true,
		},
		{
			ID: "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e05", Name: "Synergy Document Management", Priority: "Low",
			LastUpdated: updated, Problem: NoSchedule,
		},
		{
			ID: "5f0c2b7e-3a41-4d5c-9b1e-0a6f4c1d2e06", Name: "Fedline Advantage", Priority: "High",
			LastUpdated: updated, FailBuilds: true,
		},
	}
}

// WriteSeed writes applications in the form of SeedForm, indented for editing.
func WriteSeed(w io.Writer, applications []Application) error {
	out := seed{Applications: []seedApplication{}}
	for _, a := range applications {
		sa := seedApplication{
			ID: a.ID, Name: a.Name, Priority: a.Priority, IsArchived: a.IsArchived, Problem: a.Problem,
			FailBuilds: a.FailBuilds, FailLog: a.FailLog,
		}
		if a.BuildTime != nil {
			sa.BuildTime = a.BuildTime.String()
		}
		for _, g := range a.FileGroups {
			sa.FileGroups = append(sa.FileGroups, seedFileGroup(g))
		}
		out.Applications = append(out.Applications, sa)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// ReadSeed reads applications from JSON in the form of SeedForm. It rejects
// unknown fields, so that a misspelled field is noticed.
func ReadSeed(r io.Reader) ([]Application, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var in seed
	if err := d.Decode(&in); err != nil {
		return nil, fmt.Errorf("invalid seed: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("invalid seed: unexpected text after the JSON object")
	}
	if len(in.Applications) == 0 {
		return nil, errors.New("there are no applications")
	}
	var out []Application
	ids := map[string]int{}
	for n, sa := range in.Applications {
		a, err := sa.application()
		if err != nil {
			return nil, fmt.Errorf("application %d (%q): %w", n+1, sa.Name, err)
		}
		if other := ids[normalID(a.ID)]; other > 0 && a.ID != "" {
			return nil, fmt.Errorf("application %d (%q): same id as application %d", n+1, sa.Name, other)
		}
		ids[normalID(a.ID)] = n + 1
		out = append(out, a)
	}
	return out, nil
}

func (sa seedApplication) application() (Application, error) {
	a := Application{
		ID: sa.ID, Name: sa.Name, Priority: cmp.Or(sa.Priority, "None"), IsArchived: sa.IsArchived,
		Problem: sa.Problem, FailBuilds: sa.FailBuilds, FailLog: sa.FailLog,
	}
	priorities := []string{"None", "Low", "Moderate", "High", "Critical"}
	problems := []Problem{NoProblem, NoSchedule, NoConnector, NoFilePaths, CreationFailed}
	switch {
	case strings.TrimSpace(a.Name) == "":
		return a, errors.New("name is missing")
	case strings.ContainsFunc(a.Name, unicode.IsControl):
		return a, errors.New("name contains a control character")
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
	for _, g := range sa.FileGroups {
		switch {
		case !isGUID(g.ID):
			return a, fmt.Errorf("id %q of the file group %q is not a GUID", g.ID, g.Name)
		case a.fileGroup(g.ID) != nil:
			return a, fmt.Errorf("there is more than one file group with id %q", g.ID)
		}
		a.FileGroups = append(a.FileGroups, FileGroup(g))
	}
	return a, nil
}
