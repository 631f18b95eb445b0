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
		app          permissionassist.Application
		score, whole float64
	}

	var candidates []candidate

	asked := strings.ToLower(strings.TrimSpace(name))

	for _, app := range all {
		has := strings.ToLower(strings.TrimSpace(app.Name))
		if has == "" {
			continue
		}

		score, whole := similarity(asked, has)
		if strings.Contains(has, asked) || strings.Contains(asked, has) {
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

// similarity tells how alike what was asked for is to a whole name, and to the
// part of it that has as many words and is most alike: who asks for "Sliverlake"
// may mean "Jack Henry Silverlake". It is 1 where they are the same.
func similarity(asked, name string) (best, whole float64) {
	words, n := strings.Fields(name), len(strings.Fields(asked))

	whole = levenshtein.Similarity(asked, name, nil)
	best = whole

	for i := range max(0, len(words)-n+1) {
		best = max(best, levenshtein.Similarity(asked, strings.Join(words[i:i+n], " "), nil))
	}

	return best, whole
}
