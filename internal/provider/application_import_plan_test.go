package provider

import (
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	plannedAppID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	anotherAppID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	groupA       = "7c0e1a52-6b1f-4aaa-8bbb-0123456789ab"
	groupB       = "8d1f2b63-7c2a-4aaa-8bbb-0123456789ab"
)

// The summaries of a plan's warnings.
const (
	assumesApplication = "Application is known only after apply"
	assumesFiles       = "Files are known only after apply"
	notUploaded        = "Files are not uploaded"
	unreadable         = "File cannot be read"
	restaged           = "Import #1 of Core failed: this plan stages a new one"
	keptFailed         = "Import #1 of Core failed: this plan keeps it"
	keptCanceled       = "Import #1 of Core was canceled: this plan keeps it"
	keptUnknown        = "Import #1 of Core ended with an unknown outcome: this plan keeps it"
	unreadAge          = "Import #1 of Core is older than max_age and was not read"
	cancels            = "This plan cancels import #1 of Core (Pending)"
)

// edit changes what a plan depends on.
type edit func(state, plan *applicationImportModel, in *planInput)

// edits makes several edits, one after another.
func edits(all ...edit) edit {
	return func(state, plan *applicationImportModel, in *planInput) {
		for _, change := range all {
			change(state, plan, in)
		}
	}
}

func notRead(_, _ *applicationImportModel, in *planInput) { in.wasRead = false }

// setApplication sets the application's ID in the state and in the plan.
func setApplication(before, after types.String) edit {
	return func(state, plan *applicationImportModel, _ *planInput) {
		state.ApplicationID, plan.ApplicationID = before, after
	}
}

func setTriggers(before, after types.Map) edit {
	return func(state, plan *applicationImportModel, _ *planInput) { state.Triggers, plan.Triggers = before, after }
}

// setRestage sets restage_on_failure for an import with this status.
func setRestage(status string, restages types.Bool) edit {
	return func(state, plan *applicationImportModel, _ *planInput) {
		state.Status, state.RestageOnFailure, plan.RestageOnFailure = types.StringValue(status), restages, restages
	}
}

// planCase is one row of TestDecide. Its state and plan have the same pending
// import, before change is called.
type planCase struct {
	change edit
	// want is nothing, update, overdue, error, or replace with the attributes.
	want     string
	warnings []string
}

func TestDecide(t *testing.T) {
	t.Parallel()

	for name, cases := range map[string]map[string]planCase{
		"application": applicationCases(), "triggers": triggerCases(), "files": fileCases(), "adopted files": adoptedFileCases(),
		"status": statusCases(), "age": ageCases(),
	} {
		for what, tc := range cases {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()

				state := pendingImport()
				plan, in := state, planInput{wasRead: true}
				tc.change(&state, &plan, &in)
				in.state, in.plan = &state, plan
				d := decide(in)
				if got := outcome(state, d); got != tc.want {
					t.Errorf("the plan does %q, want %q", got, tc.want)
				}
				if got := summariesOf(d.diags.Warnings()); !slices.Equal(got, tc.warnings) {
					t.Errorf("warnings are %q, want %q", got, tc.warnings)
				}
				if tc.want != "error" {
					wantPromises(t, state, plan, d)
				}
			})
		}
	}
}

// wantPromises checks the rules for every plan.
func wantPromises(t *testing.T, state, plan applicationImportModel, d decision) {
	t.Helper()
	replaced := len(d.replace) > 0

	if want := state.FilesSHA256; !replaced && !d.plan.FilesSHA256.Equal(want) {
		t.Errorf("files_sha256 is %s without an upload, want %s", d.plan.FilesSHA256, want)
	}
	if d.plan.StagedAt.IsUnknown() != replaced || !replaced && !d.plan.StagedAt.Equal(state.StagedAt) {
		t.Errorf("staged_at is planned as %s", d.plan.StagedAt)
	}
	if replaced && (!d.plan.FilesSHA256.IsUnknown() || !d.plan.Status.IsUnknown()) {
		t.Errorf("files_sha256 is planned as %s, the status as %s", d.plan.FilesSHA256, d.plan.Status)
	}
	if !d.plan.ID.Equal(state.ID) || !d.plan.ApplicationName.Equal(state.ApplicationName) || !d.plan.Number.Equal(state.Number) {
		t.Errorf("what never changes is planned as %+v", d.plan.completeImportModel)
	}
	sameFiles := maps.EqualFunc(byGroup(d.plan.Files.Elements()), byGroup(plan.Files.Elements()), attr.Value.Equal)
	if d.plan.Files.IsUnknown() != plan.Files.IsUnknown() || !sameFiles || !d.plan.Triggers.Equal(plan.Triggers) {
		t.Errorf("files are planned as %s, triggers as %s", d.plan.Files, d.plan.Triggers)
	}
}

func outcome(state applicationImportModel, d decision) string {
	attributes := make([]string, 0, len(d.replace))
	for _, p := range d.replace {
		attributes = append(attributes, p.String())
	}

	switch {
	case d.diags.HasError():
		return "error"
	case len(d.replace) > 0:
		return "replace " + strings.Join(attributes, " ")
	case d.overdue:
		return "overdue"
	case reflect.DeepEqual(d.plan, state):
		return "nothing"
	default:
		return "update"
	}
}

func summariesOf(diags diag.Diagnostics) []string {
	var result []string
	for _, d := range diags {
		result = append(result, d.Summary())
	}
	return result
}

func pendingImport() applicationImportModel {
	m := applicationImportModel{
		ApplicationID:    types.StringValue(plannedAppID),
		ApplicationName:  types.StringValue("Core"),
		Triggers:         types.MapNull(types.StringType),
		Files:            types.MapNull(types.StringType),
		FilesSHA256:      types.MapNull(types.StringType),
		CancelOnDestroy:  types.BoolValue(true),
		RestageOnFailure: types.BoolValue(true),
	}
	m.ID, m.Number, m.Status = types.StringValue("0f8fad5b-d9cb-469f-a165-70867728950e"), types.Int64Value(1), types.StringValue("Pending")
	m.Type, m.CreatedBy = types.StringValue("API"), types.StringValue("token")
	return m
}

// mapOf returns a map of alternating keys and values.
func mapOf(keysAndValues ...string) types.Map {
	elements := map[string]attr.Value{}
	for n := 0; n < len(keysAndValues); n += 2 {
		elements[keysAndValues[n]] = types.StringValue(keysAndValues[n+1])
	}
	return types.MapValueMust(types.StringType, elements)
}

func unknownMap() types.Map { return types.MapUnknown(types.StringType) }

func nullMap() types.Map { return types.MapNull(types.StringType) }

func unknownElement(key string) types.Map {
	return types.MapValueMust(types.StringType, map[string]attr.Value{key: types.StringUnknown()})
}

// nullElement returns mapOf with a null.
func nullElement(key string, keysAndValues ...string) types.Map {
	elements := mapOf(keysAndValues...).Elements()
	elements[key] = types.StringNull()
	return types.MapValueMust(types.StringType, elements)
}

func applicationCases() map[string]planCase {
	known, other := types.StringValue(plannedAppID), types.StringValue(anotherAppID)
	const replace = "replace application_id"
	return map[string]planCase{
		"same in upper case":         {setApplication(known, types.StringValue(strings.ToUpper(plannedAppID))), "nothing", nil},
		"other":                      {setApplication(known, other), replace, []string{cancels}},
		"unknown":                    {setApplication(known, types.StringUnknown()), "update", []string{assumesApplication}},
		"null in the state":          {setApplication(types.StringNull(), known), "update", nil},
		"null in the state, unknown": {setApplication(types.StringNull(), types.StringUnknown()), "update", nil},
		"empty in the state":         {setApplication(types.StringValue(""), known), "update", nil},
		"unknown, replaced anyway": {
			edits(setTriggers(mapOf("n", "1"), mapOf("n", "2")), setApplication(known, types.StringUnknown())),
			"replace triggers", []string{cancels},
		},
		"other, status not known": {
			edits(setApplication(known, other), setRestage("", types.BoolValue(true))), replace,
			[]string{"This plan cancels import #1 of Core (unknown)"},
		},
		"other, not read": {edits(setApplication(known, other), notRead), "error", nil},
		"other, not read, replaced anyway": {
			edits(setApplication(known, other), notRead, setTriggers(mapOf("n", "1"), nullMap())), replace + " triggers",
			[]string{"This plan cancels import #1 of Core if it has not ended"},
		},
	}
}

func triggerCases() map[string]planCase {
	one, empty := mapOf("n", "1"), mapOf()
	cases := map[string]planCase{
		"null, then some":     {setTriggers(nullMap(), one), "update", nil},
		"null, then unknown":  {setTriggers(nullMap(), unknownMap()), "update", nil},
		"empty, then unknown": {setTriggers(empty, unknownMap()), "update", nil},
		"null entry added":    {setTriggers(one, nullElement("x", "n", "1")), "update", nil},
		"null entry only":     {setTriggers(nullElement("x"), one), "update", nil},
	}
	for what, after := range map[string]types.Map{
		"changed": mapOf("n", "2"), "removed": nullMap(), "emptied": empty, "unknown": unknownMap(), "unknown element": unknownElement("n"),
		"nulled": nullElement("n"),
	} {
		cases[what] = planCase{setTriggers(one, after), "replace triggers", []string{cancels}}
	}
	return cases
}

// uploadedFiles changes the state to an import of the file a.csv with the
// content A, and the plan to these files.
func uploadedFiles(files types.Map, found map[string]localFile) edit {
	return func(state, plan *applicationImportModel, in *planInput) {
		state.Files, state.FilesSHA256 = mapOf(groupA, "a.csv"), mapOf(groupA, "A")
		plan.Files, in.files = files, found
	}
}

func noChecksums(state, _ *applicationImportModel, _ *planInput) { state.FilesSHA256 = mapOf() }

func fileCases() map[string]planCase {
	content := func(group, sum string) map[string]localFile { return map[string]localFile{group: {sum: sum}} }
	gone := map[string]localFile{groupA: {err: fs.ErrNotExist}}
	one := mapOf(groupA, "a.csv")
	added := func(files types.Map) edit {
		return func(_, plan *applicationImportModel, in *planInput) {
			plan.Files, in.files = files, content(groupA, "A")
		}
	}
	return map[string]planCase{
		"same":                   {uploadedFiles(one, content(groupA, "A")), "nothing", nil},
		"other content":          {uploadedFiles(one, content(groupA, "B")), "replace files_sha256", []string{cancels}},
		"not sent completely":    {edits(uploadedFiles(one, content(groupA, "A")), noChecksums), "replace files_sha256", []string{cancels}},
		"other path":             {uploadedFiles(mapOf(groupA, "./a.csv"), content(groupA, "A")), "update", nil},
		"other path and content": {uploadedFiles(mapOf(groupA, "b.csv"), content(groupA, "B")), "replace files_sha256", []string{cancels}},
		"unknown path":           {uploadedFiles(unknownElement(groupA), nil), "update", []string{assumesFiles}},
		"unknown":                {uploadedFiles(unknownMap(), nil), "update", []string{assumesFiles}},
		"unreadable":             {uploadedFiles(one, gone), "error", nil},
		"other group":            {uploadedFiles(mapOf(groupB, "a.csv"), content(groupB, "A")), "replace files", []string{cancels}},
		"one more group":         {uploadedFiles(mapOf(groupA, "a", groupB, "b"), content(groupA, "A")), "replace files", []string{cancels}},
		"group in upper case":    {uploadedFiles(mapOf(strings.ToUpper(groupA), "a.csv"), content(strings.ToUpper(groupA), "A")), "nothing", nil},
		"removed":                {uploadedFiles(nullMap(), nil), "replace files", []string{cancels}},
		"added":                  {added(one), "replace files", []string{cancels}},
		"added, unknown path":    {added(unknownElement(groupA)), "replace files", []string{cancels}},
		"added, unknown":         {added(unknownMap()), "update", []string{assumesFiles}},
		"null, then empty":       {added(mapOf()), "nothing", nil},
		"empty, then null":       {func(state, _ *applicationImportModel, _ *planInput) { state.Files = mapOf() }, "nothing", nil},
		"unreadable, replaced anyway": {
			edits(uploadedFiles(one, gone), setTriggers(mapOf("n", "1"), mapOf("n", "2"))), "replace triggers", []string{cancels, unreadable},
		},
		"other content, not read": {edits(uploadedFiles(one, content(groupA, "B")), notRead), "error", nil},
	}
}

// adoptedFileCases have an import that came from terraform import.
func adoptedFileCases() map[string]planCase {
	adopted := func(before, after types.Map, remembered, found string) edit {
		return func(state, plan *applicationImportModel, in *planInput) {
			state.Files, plan.Files, in.adopted = before, after, &adoptedFiles{}
			if remembered != "" {
				in.adopted.SHA256 = map[string]string{groupA: remembered}
			}
			if found != "" {
				in.files = map[string]localFile{strings.ToUpper(groupA): {sum: found}}
			}
		}
	}
	one := mapOf(groupA, "a.csv")
	return map[string]planCase{
		"none":                {adopted(nullMap(), nullMap(), "", ""), "nothing", nil},
		"added":               {adopted(nullMap(), one, "", "A"), "update", []string{notUploaded}},
		"added, unknown path": {adopted(nullMap(), unknownElement(groupA), "", ""), "update", []string{notUploaded}},
		"added, unknown":      {adopted(nullMap(), unknownMap(), "", ""), "update", []string{notUploaded}},
		"same":                {adopted(one, one, "A", "A"), "nothing", nil},
		"other content":       {adopted(one, one, "A", "B"), "replace files_sha256", []string{cancels}},
		"never read":          {adopted(one, one, "", "B"), "nothing", nil},
		"other path":          {adopted(one, mapOf(groupA, "b.csv"), "A", "A"), "update", nil},
		"other group":         {adopted(one, mapOf(groupB, "a.csv"), "A", ""), "replace files", []string{cancels}},
		"removed":             {adopted(one, nullMap(), "A", ""), "update", nil},
		"empty, then some":    {adopted(mapOf(), one, "", "A"), "update", []string{notUploaded}},
	}
}

func statusCases() map[string]planCase {
	yes, no, unknown := types.BoolValue(true), types.BoolValue(false), types.BoolUnknown()
	return map[string]planCase{
		"running":               {setRestage("Running", yes), "nothing", nil},
		"finished":              {setRestage("Finished", yes), "nothing", nil},
		"finished, may restage": {setRestage("Finished", unknown), "nothing", nil},
		"failed, restages":      {setRestage("Failed", yes), "replace status", []string{restaged}},
		"failed":                {setRestage("Failed", no), "nothing", []string{keptFailed}},
		"failed, may restage":   {setRestage("Failed", unknown), "error", nil},
		"canceled":              {setRestage("Canceled", yes), "nothing", []string{keptCanceled}},
		"unknown outcome": {func(state, _ *applicationImportModel, _ *planInput) {
			state.Status, state.BuildEnd = types.StringValue("Rejected"), types.StringValue("2026-02-20T08:15:00Z")
		}, "nothing", []string{keptUnknown}},
		"failed, may restage, replaced anyway": {
			edits(setRestage("Failed", unknown), setApplication(types.StringValue(plannedAppID), types.StringValue(anotherAppID))),
			"replace application_id", nil,
		},
		"settings change": {func(_, plan *applicationImportModel, _ *planInput) {
			plan.CancelOnDestroy, plan.RestageOnFailure = no, no
		}, "update", nil},
	}
}

func ageCases() map[string]planCase {
	now := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	// staged has an import of that age, read by this run, and max_age = "20h".
	staged := func(age time.Duration, status string, more ...edit) edit {
		return edits(append([]edit{func(state, plan *applicationImportModel, in *planInput) {
			in.now = now
			state.StagedAt, state.Status, state.MaxAge = timestamp(now.Add(-age)), types.StringValue(status), types.StringValue("20h")
			plan.MaxAge = state.MaxAge
		}}, more...)...)
	}
	const young, old = 20 * time.Hour, 20*time.Hour + time.Second
	maxAge := func(value types.String) edit {
		return func(_, plan *applicationImportModel, _ *planInput) { plan.MaxAge = value }
	}
	neverStaged := func(state, _ *applicationImportModel, _ *planInput) { state.StagedAt = types.StringNull() }
	mayRestage := func(_, plan *applicationImportModel, _ *planInput) { plan.RestageOnFailure = types.BoolUnknown() }
	return map[string]planCase{
		"young":                    {staged(young, "Finished"), "nothing", nil},
		"old":                      {staged(old, "Finished"), "replace staged_at", nil},
		"old, canceled":            {staged(old, "Canceled"), "replace staged_at", nil},
		"old, running":             {staged(old, "Running"), "overdue", nil},
		"old, max_age removed":     {staged(old, "Finished", maxAge(types.StringNull())), "update", nil},
		"old, max_age unknown":     {staged(old, "Finished", maxAge(types.StringUnknown())), "update", nil},
		"old, max_age raised":      {staged(old, "Finished", maxAge(types.StringValue("21h"))), "update", nil},
		"young, max_age reduced":   {staged(young, "Finished", maxAge(types.StringValue("19h"))), "replace staged_at", nil},
		"staged_at null":           {staged(old, "Finished", neverStaged), "nothing", nil},
		"old, not read":            {staged(old, "Finished", notRead), "nothing", []string{unreadAge}},
		"young, not read":          {staged(young, "Finished", notRead), "nothing", nil},
		"old, failed":              {staged(old, "Failed"), "replace status staged_at", []string{restaged}},
		"old, failed, may restage": {staged(old, "Failed", mayRestage), "replace staged_at", nil},
	}
}

// Creating: files_sha256 is known only after apply, and a file that the same
// apply writes may still be missing.
func TestDecide_create(t *testing.T) {
	t.Parallel()

	missing := map[string]localFile{groupA: {err: fs.ErrNotExist}}
	for name, tc := range map[string]struct {
		files    types.Map
		found    map[string]localFile
		want     types.Map
		warnings []string
	}{
		"no files":     {nullMap(), nil, nullMap(), nil},
		"empty":        {mapOf(), nil, nullMap(), nil},
		"unknown":      {unknownMap(), nil, unknownMap(), nil},
		"unknown path": {unknownElement(groupA), nil, unknownMap(), nil},
		"file":         {mapOf(groupA, "a.csv"), map[string]localFile{groupA: {}}, unknownMap(), nil},
		"missing file": {mapOf(groupA, "a.csv"), missing, unknownMap(), []string{unreadable}},
	} {
		plan := pendingImport()
		plan.ApplicationID, plan.Files = types.StringUnknown(), tc.files
		d := decide(planInput{plan: plan, files: tc.found})
		if !d.plan.FilesSHA256.Equal(tc.want) || len(d.replace) > 0 {
			t.Errorf("%s: files_sha256 is planned as %s, want %s", name, d.plan.FilesSHA256, tc.want)
		}
		if got := summariesOf(d.diags); !slices.Equal(got, tc.warnings) {
			t.Errorf("%s: diagnostics are %q, want %q", name, got, tc.warnings)
		}
	}
}

// The next plan compares with the stored sums of adopted files.
func TestDecide_storesAdoptedFiles(t *testing.T) {
	t.Parallel()

	state := pendingImport()
	plan, upper := state, strings.ToUpper(groupA)
	plan.Files = mapOf(upper, "a.csv")
	d := decide(planInput{state: &state, plan: plan, adopted: &adoptedFiles{}, files: map[string]localFile{upper: {sum: "A"}}})
	if want := (&adoptedFiles{SHA256: map[string]string{groupA: "A"}}); !reflect.DeepEqual(d.adopted, want) {
		t.Errorf("stored is %+v, want %+v", d.adopted, want)
	}
}
