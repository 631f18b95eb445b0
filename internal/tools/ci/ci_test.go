// Package ci checks the pipelines in examples/ci, and this repository's own
// workflows. It is in the module of the tools, so that the provider's module
// needs no YAML parser.
package ci

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"gopkg.in/yaml.v3"
)

const root = "../../.."

// actionlint accepts the workflows.
func TestGitHub(t *testing.T) {
	files, err := filepath.Glob(root + "/.github/workflows/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, root+"/examples/ci/github-actions.yml") {
		// Without shellcheck and pyflakes, which are not everywhere.
		config := filepath.Join(t.TempDir(), "actionlint.yaml")
		if err := os.WriteFile(config, []byte("self-hosted-runner:\n  labels: [bank-network]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{ConfigFile: config})
		if err != nil {
			t.Fatal(err)
		}
		problems, err := linter.Lint(file, []byte(read(t, file)), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Error(p)
		}
	}
}

type object = map[string]any

// at returns the value at a path of keys, nil if there is none.
func at(value any, path ...string) any {
	for _, key := range path {
		m, _ := value.(object)
		value = m[key]
	}
	return value
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func parse(t *testing.T, name string) object {
	t.Helper()
	var parsed object
	if err := yaml.Unmarshal([]byte(read(t, root+"/examples/ci/"+name)), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func want(t *testing.T, got any, want any, what string) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestAzure(t *testing.T) {
	p := parse(t, "azure-pipelines.yml")
	want(t, at(p, "lockBehavior"), any("sequential"), "lockBehavior")
	values := map[any]any{}
	variables, _ := p["variables"].([]any)
	for _, v := range variables {
		values[at(v, "name")] = at(v, "value")
	}
	want(t, values["PROCESS_SIGINT_TIMEOUT"], any("60000"), "PROCESS_SIGINT_TIMEOUT")
	schedules, _ := p["schedules"].([]any)
	if len(schedules) != 1 || at(schedules[0], "cron") != "30 3 * * *" || at(schedules[0], "always") != true {
		t.Errorf("the schedules are %v", schedules)
	}

	// Every step that runs Terraform gets the secret.
	scripts := 0
	var visit func(any)
	visit = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, element := range v {
				visit(element)
			}
		case object:
			if script, ok := v["powershell"].(string); ok {
				scripts++
				want(t, at(v, "env", "PERMISSIONASSIST_TOKEN"), any("$(permissionAssistToken)"), "the token of "+script)
			}
			for _, element := range v {
				visit(element)
			}
		}
	}
	visit(p["stages"])
	want(t, scripts, 2, "the number of scripts")
}

func TestGitLab(t *testing.T) {
	p := parse(t, "gitlab-ci.yml")
	for _, job := range []string{"plan", "apply"} {
		want(t, at(p, job, "stage"), any(job), "the stage of "+job)
		want(t, at(p, job, "resource_group"), any("permission-assist"), "the resource group of "+job)
	}
	want(t, at(p, "workflow", "auto_cancel", "on_new_commit"), any("none"), "on_new_commit")
	want(t, at(p, "default", "interruptible"), any(false), "interruptible")
}

// No parser of Jenkinsfiles is a Go module, so this checks the structure only.
func TestJenkins(t *testing.T) {
	text := read(t, root+"/examples/ci/Jenkinsfile")
	open := ""
	closing := map[rune]string{'}': "{", ')': "(", ']': "["}
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "//")
		for _, r := range line {
			if strings.ContainsRune("{([", r) {
				open += string(r)
			} else if c := closing[r]; c != "" && !strings.HasSuffix(open, c) {
				t.Fatalf("%q closes nothing", line)
			} else if c != "" {
				open = open[:len(open)-1]
			}
		}
	}
	want(t, open, "", "what is not closed")
	for _, part := range []string{"disableConcurrentBuilds()", "TZ=Etc/UTC", "archiveArtifacts", "credentials("} {
		if !strings.Contains(text, part) {
			t.Errorf("it lacks %s", part)
		}
	}
}

// All pipelines plan into a file and apply that file, with the same settings.
func TestAll(t *testing.T) {
	files, err := filepath.Glob(root + "/examples/ci/*")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text := read(t, file)
		for _, part := range []string{
			"inside the bank's network", "-out plan.tfplan", "terraform init -input=false", "terraform apply -input=false", "plan.tfplan",
			"PERMISSIONASSIST_CA_CERT_FILE", "30 3 * * *", "UTC", "remote backend", "The import continues", "PERMISSIONASSIST_TOKEN",
		} {
			if !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(strings.ReplaceAll(text, "#", ""), "//", "")), " "), part) {
				t.Errorf("%s lacks %q", file, part)
			}
		}
		for _, bad := range []string{"-auto-approve", "AzureCLI@2\n", "pa_"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %q", file, bad)
			}
		}
	}
}
