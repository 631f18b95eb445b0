package provider_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	fileAppID = "4a3615f1-5f90-42e4-8b1d-1a1416f94412"
	usersID   = "7c0e1a52-6b1f-4aaa-8bbb-0123456789ab"
	rolesID   = "8d1f2b63-7c2a-4aaa-8bbb-0123456789ab"
)

// newUploadTarget returns a sandbox in which fileAppID takes two files and has
// no import schedule.
func newUploadTarget(t *testing.T) target {
	t.Helper()
	tg := newSandboxTarget(t, sandbox.Options{Applications: []sandbox.Application{{
		ID: fileAppID, Name: "Loan Origination", Problem: sandbox.NoSchedule,
		FileGroups: []sandbox.FileGroup{{ID: usersID, Name: "Users", Required: true}, {ID: rolesID, Name: "Roles"}},
	}}})
	tg.applicationID = fileAppID
	tg.sandbox.HoldBuilds()
	return tg
}

// localFile is a file whose content a test can change.
type localFile struct {
	t    *testing.T
	path string
}

func newLocalFile(t *testing.T, name, content string) localFile {
	t.Helper()
	f := localFile{t, filepath.Join(t.TempDir(), name)}
	f.write(content)()
	return f
}

// write returns a PreConfig that writes the content.
func (f localFile) write(content string) func() {
	return func() {
		f.t.Helper()
		if err := os.WriteFile(f.path, []byte(content), 0o600); err != nil {
			f.t.Fatal(err)
		}
	}
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// filesArgument returns the argument files with alternating keys and paths.
func filesArgument(keysAndPaths ...string) string {
	lines := ""
	for n := 0; n < len(keysAndPaths); n += 2 {
		lines += fmt.Sprintf("%q = %q\n", keysAndPaths[n], keysAndPaths[n+1])
	}
	return "files = {\n" + lines + "}\n"
}

func sums(keysAndContents ...string) knownvalue.Check {
	want := map[string]knownvalue.Check{}
	for n := 0; n < len(keysAndContents); n += 2 {
		want[keysAndContents[n]] = knownvalue.StringExact(sumOf(keysAndContents[n+1]))
	}
	return knownvalue.MapExact(want)
}

// uploaded checks the files of the server's n-th import.
func (tg target) uploaded(n int, keysAndContents ...string) statecheck.StateCheck {
	return serverCheck(func() error {
		imports := tg.sandbox.Imports()
		if len(imports) < n {
			return fmt.Errorf("the server has %d imports", len(imports))
		}

		files := imports[n-1].Files
		if len(files) != len(keysAndContents)/2 {
			return fmt.Errorf("import %d has the files %+v", n, files)
		}

		for n, f := range files {
			if f.FileGroupID != keysAndContents[2*n] || f.SHA256 != sumOf(keysAndContents[2*n+1]) || f.Size != int64(len(keysAndContents[2*n+1])) {
				return fmt.Errorf("file %d is %+v", n, f)
			}
		}
		return nil
	})
}

// Upload, wait, plan without changes, upload changed content.
func TestAccFiles_upload(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	tg.sandbox.ReleaseBuilds()

	users, roles := newLocalFile(t, `users 'Q4' ü.csv`, "a,b\n"), newLocalFile(t, "roles.csv", "c")
	config := tg.imported(filesArgument(strings.ToUpper(usersID), users.path, rolesID, roles.path)) + completionResource("")
	ids := statecheck.CompareValue(compare.ValuesDiffer())

	lifecycle(t,
		resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("files_sha256")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				value("files_sha256", sums(strings.ToUpper(usersID), "a,b\n", rolesID, "c")),
				tg.imports(1), tg.uploaded(1, usersID, "a,b\n", rolesID, "c"), ids.AddStateValue(address, tfjsonpath.New("id")),
			},
		},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
		resource.TestStep{
			PreConfig:        users.write("a,b\nc,d\n"),
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				value("files_sha256", sums(strings.ToUpper(usersID), "a,b\nc,d\n", rolesID, "c")),
				tg.imports(2), tg.uploaded(2, usersID, "a,b\nc,d\n", rolesID, "c"), ids.AddStateValue(address, tfjsonpath.New("id")),
			},
		},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
	)

	tg.expectCount(t, sandbox.OpStage, 0)
	tg.expectCount(t, sandbox.OpUpload, 2)

	if got := tg.sandbox.Imports()[0].Files[0].Name; got != `users 'Q4' ü.csv` {
		t.Errorf("the file's name is %q", got)
	}
}

// An import block adopts an import with its files. A later change is uploaded.
func TestAccFiles_adopted(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: fileAppID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending})
	users := newLocalFile(t, "users.csv", "a")
	config := tg.config(fmt.Sprintf("import {\n to = %s\n id = %q\n}\n", address, existing.ID) + importResource(fileAppID, filesArgument(usersID, users.path)))

	lifecycle(t,
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				value("id", knownvalue.StringExact(existing.ID)), value("files_sha256", knownvalue.Null()), tg.imports(1), tg.requests(sandbox.OpUpload, 0),
			},
		},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
		resource.TestStep{
			PreConfig:         users.write("b"),
			Config:            config,
			ConfigPlanChecks:  planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{tg.imports(2), tg.uploaded(2, usersID, "b"), value("files_sha256", sums(usersID, "b"))},
		},
	)
}

// A missing file is a warning of the plan and an error of the apply, at the element
// of the map. One that exists and cannot be read is an error of the plan. Nothing
// is requested.
func TestFiles_unreadable(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	missing := filepath.Join(dir, "missing.csv")
	unreadable := newLocalFile(t, "unreadable.csv", "x")
	if err := os.Chmod(unreadable.path, 0); err != nil {
		t.Fatal(err)
	}

	for name, tc := range map[string]struct{ path, severity, want, next string }{
		"missing":       {missing, "WARNING", "missing.csv", "when this plan is applied"},
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
			config := values{"application_id": str(fileAppID), "files": stringMap(map[string]string{
				usersID: newLocalFile(t, "good.csv", "x").path, rolesID: tc.path,
			})}
			at := `AttributeName("files").ElementKeyString("` + rolesID + `")`

			planned := p.plan(nil, config)
			expectSummaries(t, planned.Diagnostics, tc.severity+": File cannot be read")
			expectAll(t, details(planned.Diagnostics), at, tc.want, tc.next)
			if tc.severity == "WARNING" {
				applied := p.apply(t.Context(), nil, config).Diagnostics
				expectSummaries(t, applied, "ERROR: File cannot be uploaded")
				expectAll(t, details(applied), at, tc.want, "Nothing was staged")
			}
			tg.expectCount(t, "", 0)
		})
	}
}

func TestFiles_config(t *testing.T) {
	t.Parallel()

	files := func(keysAndPaths ...string) values {
		paths := map[string]string{}
		for n := 0; n < len(keysAndPaths); n += 2 {
			paths[keysAndPaths[n]] = keysAndPaths[n+1]
		}
		return values{"application_id": str(fileAppID), "files": stringMap(paths)}
	}
	null := values{"application_id": str(fileAppID), "files": tftypes.NewValue(
		tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{usersID: tftypes.NewValue(tftypes.String, nil)})}

	newProtocol(t).expectValidation("resource", map[string]configCase{
		"valid":       {files(usersID, "a", rolesID, "b"), ""},
		"unknown":     {values{"application_id": str(fileAppID), "files": unknown(stringMap(nil))}, ""},
		"no GUID":     {files("users", "a"), `"users" is not a GUID`},
		"no files":    {files(), "No files to upload"},
		"empty path":  {files(usersID, " "), "Invalid file path"},
		"null path":   {null, "Invalid file path"},
		"group twice": {files(usersID, "a", strings.ToUpper(usersID), "a"), "Duplicate file group"},
	})
}

func stringMap(m map[string]string) tftypes.Value {
	elements := map[string]tftypes.Value{}
	for key, value := range m {
		elements[key] = str(value)
	}
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, elements)
}

// A path is known only after another resource was applied.
func TestAccFiles_unknown(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	config := tg.config(fmt.Sprintf("resource \"terraform_data\" \"source\" {\n input = %q\n}\n", newLocalFile(t, "users.csv", "a").path) +
		importResource(fileAppID, fmt.Sprintf("files = { %q = terraform_data.source.output }", usersID)))

	lifecycle(t,
		resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("files_sha256")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{value("files_sha256", sums(usersID, "a")), tg.uploaded(1, usersID, "a")},
		},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
	)
}

// The API's field errors point to the files.
func TestFiles_refused(t *testing.T) {
	t.Parallel()

	users := newLocalFile(t, "users.csv", "a")
	for name, tc := range map[string]struct {
		app, group string
		want       []string
	}{
		"required file missing": {fileAppID, rolesID, []string{"The required file Users is missing", "Nothing was staged", `AttributeName("files")`}},
		"unknown file group":    {fileAppID, appID, []string{appID + ": File group not found", `ElementKeyString("` + appID + `")`}},
		"not file-based":        {appID, usersID, []string{"no file-based connector", "application_id or files"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			config := values{"application_id": str(tc.app), "files": stringMap(map[string]string{tc.group: users.path})}
			expectAll(t, details(configuredProtocol(t, newUploadTarget(t)).apply(t.Context(), nil, config).Diagnostics), tc.want...)
		})
	}
}
