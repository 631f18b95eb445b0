package provider

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// similarApplications gives the applications a person may have meant by name,
// the likeliest first: those whose names contain it or are contained in it,
// and those that differ by some letters.
func similarApplications(name string, all []permissionassist.Application) []permissionassist.Application {
	const (
		most  = 5
		least = 0.6 // of 1: "Silverlake" and "Sliverlake" are 0.8 alike
	)

	type candidate struct {
		app   permissionassist.Application
		score float64
	}

	var candidates []candidate

	asked := strings.ToLower(strings.TrimSpace(name))

	for _, app := range all {
		has := strings.ToLower(strings.TrimSpace(app.Name))
		if has == "" {
			continue
		}

		score := levenshtein.Similarity(asked, has, nil)
		if strings.Contains(has, asked) || strings.Contains(asked, has) {
			score++
		}

		if score >= least {
			candidates = append(candidates, candidate{app, score})
		}
	}

	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.app.Name, b.app.Name))
	})

	var similar []permissionassist.Application
	for _, c := range candidates[:min(most, len(candidates))] {
		similar = append(similar, c.app)
	}

	return similar
}
