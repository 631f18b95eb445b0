package provider_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	fileAppID = "4a3615f1-5f90-42e4-8b1d-1a1416f94412"
	usersID   = "7c0e1a52-6b1f-4aaa-8bbb-0123456789ab"
	rolesID   = "8d1f2b63-7c2a-4aaa-8bbb-0123456789ab"
)

// newUploadTarget returns a sandbox in which fileAppID takes two files and has
// no import schedule. The builds are held.
func newUploadTarget(t *testing.T) target {
	t.Helper()
	tg := newSandboxTarget(t, sandbox.Options{Applications: []sandbox.Application{{
		ID: fileAppID, Name: "Loan Origination", Problem: sandbox.NoSchedule,
		FileGroups: []sandbox.FileGroup{{ID: usersID, Name: "Users", Required: true}, {ID: rolesID, Name: "Roles"}},
	}}})
	tg.applicationID = fileAppID
	return tg.held()
}

// localFile is a file whose content a test can change.
type localFile struct {
	t    *testing.T
	path string
}

func newLocalFile(t *testing.T, name, content string) localFile {
	t.Helper()
	f := localFile{t, filepath.Join(t.TempDir(), name)}
	f.write(content)
	return f
}

func (f localFile) write(content string) {
	f.t.Helper()
	if err := os.WriteFile(f.path, []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// A missing file is a warning of the plan and an error of the apply, at the
// element of the map. One that exists and cannot be read is an error of the
// plan. Nothing is requested.
func TestFiles_unreadable(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	unreadable := newLocalFile(t, "unreadable.csv", "x")
	if err := os.Chmod(unreadable.path, 0); err != nil {
		t.Fatal(err)
	}

	for name, tc := range map[string]struct{ path, severity, want, next string }{
		"missing":       {filepath.Join(dir, "missing.csv"), "WARNING", "missing.csv", "when this plan is applied"},
		"relative":      {"none.csv", "WARNING", "it does not exist (looked for", "when this plan is applied"},
		"empty":         {newLocalFile(t, "empty.csv", "").path, "WARNING", "it is empty", "when this plan is applied"},
		"directory":     {dir, "ERROR", "it is a directory", "Correct the argument files"},
		"not permitted": {unreadable.path, "ERROR", "it cannot be read: permission denied", "account that runs Terraform"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if name == "not permitted" && os.Geteuid() <= 0 {
				t.Skip("this user may read every file, or there are no such permissions")
			}
			tg := newUploadTarget(t)
			p := configuredProtocol(t, tg)
			good := newLocalFile(t, "good.csv", "x").path
			config := values{"application_id": fileAppID, "files": stringMap(usersID, good, rolesID, tc.path)}
			at := `AttributeName("files").ElementKeyString("` + rolesID + `")`

			plan := p.plan(nil, config)
			wantContains(t, wantSummaries(t, plan.Diagnostics, tc.severity+": File cannot be read"), at, tc.want, tc.next)
			if tc.severity == "WARNING" {
				diags := p.apply(t.Context(), nil, config).Diagnostics
				wantContains(t, wantSummaries(t, diags, "ERROR: File cannot be uploaded"), at, tc.want, "Nothing was staged")
			}
			tg.wantOnlyRequests(t, name, requests{})
		})
	}
}

// The API's field errors point to the files.
func TestFiles_refused(t *testing.T) {
	t.Parallel()

	users := newLocalFile(t, "users.csv", "a")
	for name, tc := range map[string]struct {
		app, group string
		want       string
	}{
		"required file missing": {fileAppID, rolesID, `The required file Users is missing … Nothing was staged … AttributeName("files")`},
		"unknown file group":    {fileAppID, appID, appID + `: File group not found … ElementKeyString("` + appID + `")`},
		"not file-based":        {appID, usersID, "no file-based connector … application_id or files"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			config := values{"application_id": tc.app, "files": stringMap(tc.group, users.path)}
			wantContains(t, details(configuredProtocol(t, newUploadTarget(t)).apply(t.Context(), nil, config).Diagnostics), tc.want)
		})
	}
}
