package docstest_test

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// splitFlag matches a flag of Terraform whose value follows an equals sign. In
// PowerShell, -replace=a.b becomes two arguments at the dot
// (PowerShell/PowerShell#6291), so the value must follow a space.
var splitFlag = regexp.MustCompile(`-(?:replace|target|out|invoke|generate-config-out|var-file|backup|state)=`)

// Nothing that a user may copy has such a flag: no message, page, example or
// script.
func TestPowerShell(t *testing.T) {
	t.Parallel()

	ignored := []string{".git", ".build", "build", "dist"}
	shown := []string{".go", ".md", ".tmpl", ".tf", ".hcl", ".yml", ".yaml", ".sh", ".ps1"}
	checked := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(ignored, entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !slices.Contains(shown, filepath.Ext(path)) && entry.Name() != "Jenkinsfile":
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		checked++
		lines := bufio.NewScanner(bytes.NewReader(content))
		for n := 1; lines.Scan(); n++ {
			if splitFlag.Match(lines.Bytes()) && !strings.Contains(path, "powershell_test.go") {
				t.Errorf("%s:%d: PowerShell splits %s at a dot", path, n, lines.Bytes())
			}
		}
		return lines.Err()
	})
	if err != nil || checked < 200 {
		t.Errorf("%d files were checked, %v", checked, err)
	}
}
