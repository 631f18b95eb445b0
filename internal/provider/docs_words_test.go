package provider_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// unusualWords are British spellings, and words and phrases that read as
// translated or dated, with the usual ones. The linter misspell knows more
// single words, in Go files only.
var unusualWords = map[string]string{
	`anew`:                                     "again",
	`as it should`:                             "correctly",
	`befalls?`:                                 "happens to",
	`(is|are|was|were) asked for`:              "requested",
	`(behaviour|colour|favour|honour)s?`:       "the US spelling",
	`but for`:                                  "except for",
	`cancelled|cancelling|labelled|modelled`:   "the US spelling",
	`come to be|comes? of`:                     "is created, results from",
	`doubtful|fruitless`:                       "unknown, refused",
	`for good`:                                 "permanently",
	`(has|have|had) to be`:                     "must be",
	`in passing`:                               "transient",
	`(is|are|was|were) to be`:                  "should be, must be",
	`judgement|licences?|neighbours?|centres?`: "the US spelling",
	`knows? nothing of`:                        "does not depend on",
	`lest|notwithstanding|thereof|whilst`:      "a usual word",
	`mends?|mended`:                            "fix",
	`none that`:                                "no … that",
	`of (ours|theirs)`:                         "our, their",
	`(initial|normal|optim|organ|recogn|serial|summar|synchron)is(e|es|ed|ing|ation)`: "the US spelling",
	`shall`:                         "must, will",
	`stands? (for|before|in front)`: "is",
	`tells? (whether|if|how)`:       "reports whether, returns",
	`the server answer(s|ed)`:       "the server responds",
	`time-outs?`:                    "timeout",
	`upon|whereas|whereby|wherein`:  "on, while, with which, in which",
	`where (it|none|nothing|there)`: "if",
	`who(so)?ever`:                  "anyone who",
}

func TestDocs_words(t *testing.T) {
	t.Parallel()

	unusual := regexp.MustCompile(`(?i)\b(?:` + strings.Join(slices.Collect(maps.Keys(unusualWords)), "|") + `)\b`)

	for _, file := range proseFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}

		for i, line := range strings.Split(string(text), "\n") {
			if found := unusual.FindString(line); found != "" {
				t.Errorf("%s:%d: %q: write %s", file, i+1, found, usualWord(found))
			}
		}
	}
}

func usualWord(unusual string) string {
	for pattern, usual := range unusualWords {
		if regexp.MustCompile(`(?i)^(?:` + pattern + `)$`).MatchString(unusual) {
			return usual
		}
	}
	return "something else"
}

// proseFiles returns the documentation, its templates, the examples and the Go
// files.
func proseFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../*.md")
	if err != nil {
		t.Fatal(err)
	}

	for _, folder := range []string{
		"../../docs", "../../examples", "../../.github", "../tools/docs/templates", "../bench", "../permissionassist", "../process",
		"../provider", "../sandbox", "../staging",
	} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if slices.Contains([]string{".go", ".hcl", ".md", ".tf", ".tmpl", ".yml"}, filepath.Ext(path)) &&
				!entry.IsDir() && entry.Name() != "docs_words_test.go" {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	if len(files) < 40 {
		t.Fatalf("found only %d files", len(files))
	}
	return files
}
