// Package docstest finds the configurations in the docs, the README and the
// examples, for the tests that check them.
package docstest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Snippet is a configuration that a reader may copy.
type Snippet struct {
	// Page is the path of the page or the example, from the root of the
	// repository.
	Page string
	// Name is the page and the number of the snippet on it.
	Name string
	// Text is the configuration.
	Text string
}

var fence = regexp.MustCompile("(?s)\n```(?:terraform|hcl)\n(.*?)\n```")

// Snippets returns the configurations in the docs and the README, and the
// examples of one file that no page shows. The other examples are folders that
// are applied as a whole. root is the path of the repository.
func Snippets(t *testing.T, root string) []Snippet {
	t.Helper()
	var all []Snippet
	shown := map[string]bool{}

	for _, page := range read(t, root, "README.md", "docs/*.md", "docs/*/*.md") {
		for i, match := range fence.FindAllStringSubmatch(page.Text, -1) {
			s := Snippet{page.Page, fmt.Sprintf("%s, snippet %d", page.Page, i+1), match[1] + "\n"}
			shown[s.Text] = true
			all = append(all, s)
		}
	}

	for _, example := range read(t, root, "examples/provider/*.tf", "examples/*/*/*.tf", "examples/*/*/*.tfquery.hcl") {
		if !shown[example.Text] && !strings.HasPrefix(example.Page, "examples/modules/") {
			all = append(all, example)
		}
	}
	return all
}

// read returns the files that match the patterns.
func read(t *testing.T, root string, patterns ...string) []Snippet {
	t.Helper()
	var files []Snippet

	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		if len(paths) == 0 {
			t.Errorf("no file matches %s", pattern)
		}

		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			page, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			page = filepath.ToSlash(page)
			files = append(files, Snippet{page, page, string(text)})
		}
	}
	return files
}
