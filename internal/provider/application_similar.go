package provider

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// similarApplications returns the applications whose names are similar to name,
// the most similar first: names that contain it or are contained in it, and
// names that differ by some letters.
func similarApplications(name string, all []permissionassist.Application) []permissionassist.Application {
	const (
		most  = 5
		least = 0.6 // of 1: the similarity of "Silverlake" and "Sliverlake" is 0.8
	)

	type candidate struct {
		app          permissionassist.Application
		score, whole float64
	}

	var candidates []candidate

	wanted := strings.ToLower(strings.TrimSpace(name))

	for _, app := range all {
		has := strings.ToLower(strings.TrimSpace(app.Name))
		if has == "" {
			continue
		}

		score, whole := similarity(wanted, has)
		if strings.Contains(has, wanted) || strings.Contains(wanted, has) {
			score++
		}

		if score >= least {
			candidates = append(candidates, candidate{app, score, whole})
		}
	}

	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.whole, a.whole), cmp.Compare(a.app.Name, b.app.Name))
	})

	var similar []permissionassist.Application
	for _, c := range candidates[:min(most, len(candidates))] {
		similar = append(similar, c.app)
	}
	return similar
}

// similarity returns the similarity of wanted to the whole name, and to the
// most similar part of it with as many words: "Sliverlake" may be a misspelled
// "Jack Henry Silverlake". Equal names have a similarity of 1.
func similarity(wanted, name string) (best, whole float64) {
	words, n := strings.Fields(name), len(strings.Fields(wanted))

	whole = levenshtein.Similarity(wanted, name, nil)
	best = whole

	for i := range max(0, len(words)-n+1) {
		best = max(best, levenshtein.Similarity(wanted, strings.Join(words[i:i+n], " "), nil))
	}
	return best, whole
}
