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
func TestAccApplicationImport_filesUpload(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	tg.sandbox.ReleaseBuilds()

	users, roles := newLocalFile(t, `users "Q4" ü.csv`, "a,b\n"), newLocalFile(t, "roles.csv", "c")
	config := tg.imported("wait_for_completion = true\n" + filesArgument(strings.ToUpper(usersID), users.path, rolesID, roles.path))
	ids := statecheck.CompareValue(compare.ValuesDiffer())

	lifecycle(t,
		resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("files_sha256")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				value("status", knownvalue.StringExact("Finished")),
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

	if got := tg.sandbox.Imports()[0].Files[0].Name; got != `users "Q4" ü.csv` {
		t.Errorf("the file's name is %q", got)
	}
}

// Changed content and other file groups are uploaded. Another path is not, and
// files_sha256 keeps the uploaded sums.
func TestAccApplicationImport_filesChange(t *testing.T) {
	t.Parallel()

	const (
		noop    = plancheck.ResourceActionNoop
		update  = plancheck.ResourceActionUpdate
		replace = plancheck.ResourceActionDestroyBeforeCreate
	)

	a, same, b := newLocalFile(t, "a.csv", "a"), newLocalFile(t, "same.csv", "a"), newLocalFile(t, "b.csv", "b")
	one := filesArgument(usersID, a.path)
	none := value("files_sha256", knownvalue.Null())

	for name, tc := range map[string]struct {
		before, after string
		want          plancheck.ResourceActionType
		check         statecheck.StateCheck
	}{
		"unchanged":            {one, one, noop, value("files_sha256", sums(usersID, "a"))},
		"other path":           {one, filesArgument(usersID, same.path), update, value("files_sha256", sums(usersID, "a"))},
		"other spelling":       {one, filesArgument(usersID, filepath.Dir(a.path)+"/./a.csv"), update, value("files_sha256", sums(usersID, "a"))},
		"other content":        {one, filesArgument(usersID, b.path), replace, value("files_sha256", sums(usersID, "b"))},
		"file added":           {one, filesArgument(usersID, a.path, rolesID, b.path), replace, value("files_sha256", sums(usersID, "a", rolesID, "b"))},
		"file removed":         {filesArgument(usersID, a.path, rolesID, b.path), one, replace, value("files_sha256", sums(usersID, "a"))},
		"removed":              {one, "", replace, none},
		"added later":          {"", one, replace, value("files_sha256", sums(usersID, "a"))},
		"added with triggers":  {`triggers = { n = "1" }`, "triggers = { n = \"2\" }\n" + one, replace, value("files_sha256", sums(usersID, "a"))},
		"key in another case":  {one, filesArgument(strings.ToUpper(usersID), a.path), noop, value("files_sha256", sums(usersID, "a"))},
		"settings changed":     {one, one + "cancel_on_destroy = false", update, value("files_sha256", sums(usersID, "a"))},
		"null instead of none": {"", "files = null", noop, none},
		"triggers added":       {one, one + `triggers = {}`, update, value("files_sha256", sums(usersID, "a"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newUploadTarget(t)
			tg.sandbox.UpdateApplication(fileAppID, func(a *sandbox.Application) { a.Problem = sandbox.NoProblem })

			imports := 1
			if tc.want == replace {
				imports = 2
			}

			lifecycle(t,
				resource.TestStep{Config: tg.imported(tc.before)},
				resource.TestStep{
					Config:            tg.imported(tc.after),
					ConfigPlanChecks:  planned(tc.want),
					ConfigStateChecks: []statecheck.StateCheck{tc.check, tg.imports(imports)},
				},
			)
		})
	}
}

// Only an import that came from terraform import adopts files, with a warning
// that they are not uploaded. Later changes are uploaded.
func TestAccApplicationImport_filesAdopted(t *testing.T) {
	t.Parallel()

	for name, step := range map[string]func(tg target, id string) []resource.TestStep{
		"import block": func(tg target, id string) []resource.TestStep {
			return []resource.TestStep{{Config: tg.config(fmt.Sprintf("import {\n to = %s\n id = %q\n}\n", address, id) + importResource(fileAppID, ""))}}
		},
		"command": func(tg target, id string) []resource.TestStep {
			return []resource.TestStep{{
				Config: tg.imported(""), ResourceName: address, ImportState: true, ImportStateId: id, ImportStatePersist: true,
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newUploadTarget(t)
			existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: fileAppID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending})
			users := newLocalFile(t, "users.csv", "a")
			config := tg.imported(filesArgument(usersID, users.path))

			lifecycle(t, append(step(tg, existing.ID),
				resource.TestStep{
					Config:           config,
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{
						value("id", knownvalue.StringExact(existing.ID)), value("files_sha256", knownvalue.Null()),
						tg.imports(1), tg.requests(sandbox.OpUpload, 0),
					},
				},
				resource.TestStep{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
				resource.TestStep{
					PreConfig:         users.write("b"),
					Config:            config,
					ConfigPlanChecks:  planned(plancheck.ResourceActionDestroyBeforeCreate),
					ConfigStateChecks: []statecheck.StateCheck{tg.imports(2), tg.uploaded(2, usersID, "b"), value("files_sha256", sums(usersID, "b"))},
				},
			)...)
		})
	}
}

// An import block can adopt an import with its files.
func TestAccApplicationImport_filesAdoptedAtOnce(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: fileAppID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending})
	users := newLocalFile(t, "users.csv", "a")
	block := fmt.Sprintf("import {\n to = %s\n id = %q\n}\n", address, existing.ID)

	lifecycle(t, resource.TestStep{
		Config:           tg.config(block + importResource(fileAppID, filesArgument(usersID, users.path))),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		ConfigStateChecks: []statecheck.StateCheck{
			value("id", knownvalue.StringExact(existing.ID)), value("files_sha256", knownvalue.Null()), tg.imports(1), tg.requests(sandbox.OpUpload, 0),
		},
	})
}

// An identity adopts files as well, with a warning.
func TestFilesAdopted_byIdentity(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	existing := tg.sandbox.AddImport(sandbox.Import{ApplicationID: fileAppID, Type: sandbox.TypeAPI, Status: sandbox.StatusPending})
	p := configuredProtocol(t, tg)
	imported := p.importByIdentity(str(existing.ID)).ImportedResources[0]
	state := p.attributes(p.resourceSchema(), p.read(p.attributes(p.resourceSchema(), imported.State)).NewState)

	config := values{
		"application_id": str(fileAppID), "files": stringMap(map[string]string{usersID: newLocalFile(t, "users.csv", "a").path}),
	}

	resp := p.planPrivate(state, config, imported.Private)
	if got := summaries(resp.Diagnostics); got != "WARNING: Files are not uploaded" || len(resp.RequiresReplace) > 0 {
		t.Errorf("it is replaced for %v\n%s", resp.RequiresReplace, got)
	}

	resp = p.planPrivate(state, config, nil)
	if got := summaries(resp.Diagnostics); got != "" || len(resp.RequiresReplace) == 0 {
		t.Errorf("an import that Terraform staged is replaced for %v\n%s", resp.RequiresReplace, got)
	}
}

// An invalid argument fails the plan. An unreadable file fails the apply,
// before any request.
func TestAccApplicationImport_filesUnusable(t *testing.T) {
	t.Parallel()

	good, empty, dir := newLocalFile(t, "good.csv", "x"), newLocalFile(t, "empty.csv", ""), t.TempDir()
	missing := filepath.Join(dir, "missing.csv")

	for name, tc := range map[string]struct {
		files string
		plans bool
		want  []string
	}{
		"missing":       {filesArgument(usersID, missing), true, []string{"missing.csv", "it does not exist", "Nothing was staged"}},
		"relative":      {filesArgument(usersID, "none.csv"), true, []string{`"none.csv"`, "it does not exist (looked for"}},
		"empty":         {filesArgument(usersID, empty.path), true, []string{"empty.csv", "it is empty"}},
		"directory":     {filesArgument(usersID, dir), true, []string{"it is a directory"}},
		"one of two":    {filesArgument(usersID, good.path, rolesID, missing), true, []string{"missing.csv", "it does not exist"}},
		"no GUID":       {filesArgument("users", good.path), false, []string{"Invalid GUID of a file group", `"users" is not a GUID`}},
		"no files":      {"files = {}", false, []string{"No files to upload"}},
		"empty path":    {filesArgument(usersID, " "), false, []string{"Missing path of a file", usersID}},
		"null path":     {fmt.Sprintf("files = { %q = null }", usersID), false, []string{"Missing path of a file", usersID}},
		"group twice":   {filesArgument(usersID, good.path, strings.ToUpper(usersID), good.path), false, []string{"Duplicate file group"}},
		"not permitted": {"", true, []string{"it cannot be read: permission denied"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			files := tc.files

			if name == "not permitted" {
				if os.Geteuid() <= 0 {
					t.Skip("this user may read every file, or there are no such permissions")
				}

				unreadable := newLocalFile(t, "unreadable.csv", "x")
				if err := os.Chmod(unreadable.path, 0); err != nil {
					t.Fatal(err)
				}

				files = filesArgument(usersID, unreadable.path)
			}

			tg := newUploadTarget(t)

			if tc.plans {
				lifecycle(t, resource.TestStep{Config: tg.imported(files), PlanOnly: true, ExpectNonEmptyPlan: true})
			}

			for _, want := range tc.want {
				lifecycle(t, resource.TestStep{Config: tg.imported(files), PlanOnly: !tc.plans, ExpectError: text(want)})
			}

			tg.expectCount(t, "", 0)
		})
	}
}

// The plan's warning points to the element of the map.
func TestFilesUnusable_atTheElement(t *testing.T) {
	t.Parallel()

	p := configuredProtocol(t, newUploadTarget(t))
	at := `AttributeName("files").ElementKeyString("` + usersID + `")`

	files := map[string]string{usersID: filepath.Join(t.TempDir(), "x.csv"), rolesID: newLocalFile(t, "x", "x").path}

	resp := p.plan(nil, values{"application_id": str(fileAppID), "files": stringMap(files)})
	if got := details(resp.Diagnostics); strings.Count(got, "WARNING: ") != 1 || !strings.Contains(got, "File cannot be read") || !strings.Contains(got, at) {
		t.Errorf("diagnostics:\n%s", got)
	}
}

func stringMap(m map[string]string) tftypes.Value {
	elements := map[string]tftypes.Value{}
	for key, value := range m {
		elements[key] = str(value)
	}

	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, elements)
}

// A path or the whole map is known only after another resource was applied.
func TestAccApplicationImport_filesUnknown(t *testing.T) {
	t.Parallel()

	users := newLocalFile(t, "users.csv", "a")
	source := fmt.Sprintf("resource \"terraform_data\" \"source\" {\n input = %q\n}\n", users.path)

	for name, files := range map[string]string{
		"path": fmt.Sprintf("files = { %q = terraform_data.source.output }", usersID),
		"map":  fmt.Sprintf("files = terraform_data.source.output == \"\" ? {} : { %q = %q }", usersID, users.path),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newUploadTarget(t)
			config := tg.config(source + importResource(fileAppID, files))

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
		})
	}
}

// A file that is missing at apply is an error, before any request.
func TestAccApplicationImport_filesUnknownAndMissing(t *testing.T) {
	t.Parallel()

	tg := newUploadTarget(t)
	source := "resource \"terraform_data\" \"source\" {\n input = \"/does/not/exist.csv\"\n}\n"

	lifecycle(t, resource.TestStep{
		Config:      tg.config(source + importResource(fileAppID, fmt.Sprintf("files = { %q = terraform_data.source.output }", usersID))),
		ExpectError: text("it does not exist"),
	})
	tg.expectCount(t, sandbox.OpUpload, 0)
}

// The API's field errors point to the files.
func TestAccApplicationImport_filesRefused(t *testing.T) {
	t.Parallel()

	users := newLocalFile(t, "users.csv", "a")

	for name, tc := range map[string]struct {
		app, files string
		want       []string
	}{
		"required file missing": {fileAppID, filesArgument(rolesID, users.path), []string{
			"The required file Users is missing", "Nothing was staged", "Correct application_id or files",
		}},
		"unknown file group": {fileAppID, filesArgument(appID, users.path), []string{appID + ": File group not found"}},
		"not file-based":     {appID, filesArgument(usersID, users.path), []string{"no file-based connector", "Correct application_id or files"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tg := newUploadTarget(t)
			tg.applicationID = tc.app

			for _, want := range tc.want {
				lifecycle(t, resource.TestStep{Config: tg.imported(tc.files), ExpectError: text(want)})
			}
		})
	}
}
