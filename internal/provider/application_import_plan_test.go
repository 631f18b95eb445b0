package provider

import (
	"errors"
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

// planCase is one row of TestDecide. Its state and plan have the same pending
// import, before change is called.
type planCase struct {
	change func(state, plan *applicationImportModel, in *planInput)
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
	ids := func(before, after types.String) func(state, plan *applicationImportModel, in *planInput) {
		return func(state, plan *applicationImportModel, _ *planInput) {
			state.ApplicationID, plan.ApplicationID = before, after
		}
	}
	known, other := types.StringValue(plannedAppID), types.StringValue(anotherAppID)
	return map[string]planCase{
		"same":                       {ids(known, known), "nothing", nil},
		"same in upper case":         {ids(known, types.StringValue(strings.ToUpper(plannedAppID))), "nothing", nil},
		"other":                      {ids(known, other), "replace application_id", []string{cancels}},
		"unknown":                    {ids(known, types.StringUnknown()), "update", []string{assumesApplication}},
		"null in the state":          {ids(types.StringNull(), known), "update", nil},
		"null in the state, unknown": {ids(types.StringNull(), types.StringUnknown()), "update", nil},
		"empty in the state":         {ids(types.StringValue(""), known), "update", nil},
		"unknown, replaced anyway": {func(state, plan *applicationImportModel, _ *planInput) {
			state.Triggers, plan.Triggers, plan.ApplicationID = mapOf("n", "1"), mapOf("n", "2"), types.StringUnknown()
		}, "replace triggers", []string{cancels}},
		"other, paused": {func(state, plan *applicationImportModel, _ *planInput) {
			state.Status, plan.ApplicationID = types.StringValue("Awaiting Review"), other
		}, "replace application_id", []string{"This plan cancels import #1 of Core (Awaiting Review)"}},
		"other, status not known": {func(state, plan *applicationImportModel, _ *planInput) {
			state.Status, plan.ApplicationID = types.StringNull(), other
		}, "replace application_id", []string{"This plan cancels import #1 of Core (unknown)"}},
		"other, canceling": {func(state, plan *applicationImportModel, _ *planInput) {
			state.Status, plan.ApplicationID = types.StringValue("Canceling"), other
		}, "replace application_id", nil},
		"other, finished": {func(state, plan *applicationImportModel, _ *planInput) {
			state.Status, plan.ApplicationID = types.StringValue("Finished"), other
		}, "replace application_id", nil},
		"other, not canceled": {func(state, plan *applicationImportModel, _ *planInput) {
			state.CancelOnDestroy, plan.ApplicationID = types.BoolValue(false), other
		}, "replace application_id", nil},
		"other, not read": {func(_, plan *applicationImportModel, in *planInput) {
			plan.ApplicationID, in.wasRead = other, false
		}, "error", nil},
		"other, not read, replaced anyway": {func(state, plan *applicationImportModel, in *planInput) {
			plan.ApplicationID, in.wasRead, state.Triggers = other, false, mapOf("n", "1")
		}, "replace application_id triggers", []string{"This plan cancels import #1 of Core if it has not ended"}},
	}
}

func triggerCases() map[string]planCase {
	triggers := func(before, after types.Map) func(state, plan *applicationImportModel, in *planInput) {
		return func(state, plan *applicationImportModel, _ *planInput) { state.Triggers, plan.Triggers = before, after }
	}
	one, empty := mapOf("n", "1"), mapOf()
	return map[string]planCase{
		"same":                 {triggers(one, mapOf("n", "1")), "nothing", nil},
		"changed":              {triggers(one, mapOf("n", "2")), "replace triggers", []string{cancels}},
		"removed":              {triggers(one, nullMap()), "replace triggers", []string{cancels}},
		"emptied":              {triggers(one, empty), "replace triggers", []string{cancels}},
		"unknown":              {triggers(one, unknownMap()), "replace triggers", []string{cancels}},
		"unknown element":      {triggers(one, unknownElement("n")), "replace triggers", []string{cancels}},
		"null, then some":      {triggers(nullMap(), one), "update", nil},
		"null, then empty":     {triggers(nullMap(), empty), "update", nil},
		"null, then unknown":   {triggers(nullMap(), unknownMap()), "update", nil},
		"empty, then some":     {triggers(empty, one), "update", nil},
		"empty, then null":     {triggers(empty, nullMap()), "update", nil},
		"empty, then unknown":  {triggers(empty, unknownMap()), "update", nil},
		"empty, and unchanged": {triggers(empty, mapOf()), "nothing", nil},
		"null entry added":     {triggers(one, nullElement("x", "n", "1")), "update", nil},
		"null entry only":      {triggers(nullElement("x"), one), "update", nil},
		"nulled":               {triggers(one, nullElement("n")), "replace triggers", []string{cancels}},
	}
}

// uploadedFiles changes the state to an import of the file a.csv with the
// content A, and the plan to these files.
func uploadedFiles(files types.Map, found map[string]localFile) func(state, plan *applicationImportModel, in *planInput) {
	return func(state, plan *applicationImportModel, in *planInput) {
		state.Files, state.FilesSHA256 = mapOf(groupA, "a.csv"), mapOf(groupA, "A")
		plan.Files, in.files = files, found
	}
}

func fileCases() map[string]planCase {
	content := func(group, sum string) map[string]localFile { return map[string]localFile{group: {sum: sum}} }
	gone := map[string]localFile{groupA: {err: fs.ErrNotExist}}
	one := mapOf(groupA, "a.csv")
	added := func(files types.Map) func(state, plan *applicationImportModel, in *planInput) {
		return func(_, plan *applicationImportModel, in *planInput) {
			plan.Files, in.files = files, content(groupA, "A")
		}
	}
	return map[string]planCase{
		"same":                   {uploadedFiles(one, content(groupA, "A")), "nothing", nil},
		"other content":          {uploadedFiles(one, content(groupA, "B")), "replace files_sha256", []string{cancels}},
		"other path":             {uploadedFiles(mapOf(groupA, "./a.csv"), content(groupA, "A")), "update", nil},
		"other path and content": {uploadedFiles(mapOf(groupA, "b.csv"), content(groupA, "B")), "replace files_sha256", []string{cancels}},
		"unknown path":           {uploadedFiles(unknownElement(groupA), nil), "update", []string{assumesFiles}},
		"unknown":                {uploadedFiles(unknownMap(), nil), "update", []string{assumesFiles}},
		"unreadable":             {uploadedFiles(one, gone), "error", nil},
		"other group":            {uploadedFiles(mapOf(groupB, "a.csv"), content(groupB, "A")), "replace files", []string{cancels}},
		"another group":          {uploadedFiles(mapOf(groupA, "a.csv", groupB, "b.csv"), content(groupA, "A")), "replace files", []string{cancels}},
		"group in upper case":    {uploadedFiles(mapOf(strings.ToUpper(groupA), "a.csv"), content(strings.ToUpper(groupA), "A")), "nothing", nil},
		"removed":                {uploadedFiles(nullMap(), nil), "replace files", []string{cancels}},
		"emptied":                {uploadedFiles(mapOf(), nil), "replace files", []string{cancels}},
		"added":                  {added(one), "replace files", []string{cancels}},
		"added, unknown path":    {added(unknownElement(groupA)), "replace files", []string{cancels}},
		"added, unknown":         {added(unknownMap()), "update", []string{assumesFiles}},
		"null, then empty":       {added(mapOf()), "nothing", nil},
		"empty, then some": {func(state, plan *applicationImportModel, in *planInput) {
			state.Files, plan.Files, in.files = mapOf(), one, content(groupA, "A")
		}, "replace files", []string{cancels}},
		"empty, then null": {func(state, _ *applicationImportModel, _ *planInput) { state.Files = mapOf() }, "nothing", nil},
		"unreadable, replaced anyway": {func(state, plan *applicationImportModel, in *planInput) {
			uploadedFiles(one, gone)(state, plan, in)

			state.Triggers, plan.Triggers = mapOf("n", "1"), mapOf("n", "2")
		}, "replace triggers", []string{cancels, unreadable}},
		"busy": {uploadedFiles(one, map[string]localFile{groupA: {err: errors.New("it is busy")}}), "error", nil},
		"other content, not read": {func(state, plan *applicationImportModel, in *planInput) {
			uploadedFiles(one, content(groupA, "B"))(state, plan, in)

			in.wasRead = false
		}, "error", nil},
	}
}

// adoptedFileCases have an import that came from terraform import.
func adoptedFileCases() map[string]planCase {
	adopted := func(before, after types.Map, remembered, found string) func(state, plan *applicationImportModel, in *planInput) {
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
	status := func(status string, restages types.Bool) func(state, plan *applicationImportModel, in *planInput) {
		return func(state, plan *applicationImportModel, _ *planInput) {
			state.Status, state.RestageOnFailure, plan.RestageOnFailure = types.StringValue(status), restages, restages
		}
	}
	return map[string]planCase{
		"running":               {status("Running", yes), "nothing", nil},
		"paused":                {status("Awaiting Review", yes), "nothing", nil},
		"finished":              {status("Finished", yes), "nothing", nil},
		"finished, may restage": {status("Finished", unknown), "nothing", nil},
		"failed, restages":      {status("Failed", yes), "replace status", []string{restaged}},
		"failed":                {status("Failed", no), "nothing", []string{keptFailed}},
		"failed, may restage":   {status("Failed", unknown), "error", nil},
		"canceled":              {status("Canceled", yes), "nothing", []string{keptCanceled}},
		"canceled, may restage": {status("Canceled", unknown), "nothing", []string{keptCanceled}},
		"unknown outcome": {func(state, _ *applicationImportModel, _ *planInput) {
			state.Status, state.BuildEnd = types.StringValue("Rejected"), types.StringValue("2026-02-20T08:15:00Z")
		}, "nothing", []string{keptUnknown}},
		"failed, may restage, replaced anyway": {func(state, plan *applicationImportModel, in *planInput) {
			status("Failed", unknown)(state, plan, in)

			plan.ApplicationID = types.StringValue(anotherAppID)
		}, "replace application_id", nil},
		"settings change": {func(_, plan *applicationImportModel, _ *planInput) {
			plan.CancelOnDestroy, plan.RestageOnFailure = no, no
		}, "update", nil},
	}
}

func ageCases() map[string]planCase {
	now := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	// staged has an import of that age, read by this run, and max_age = "20h".
	staged := func(age time.Duration, status string, change func(state, plan *applicationImportModel, in *planInput)) func(state, plan *applicationImportModel, in *planInput) {
		return func(state, plan *applicationImportModel, in *planInput) {
			in.now = now
			state.StagedAt, state.Status, state.MaxAge = timestamp(now.Add(-age)), types.StringValue(status), types.StringValue("20h")
			plan.MaxAge = state.MaxAge
			if change != nil {
				change(state, plan, in)
			}
		}
	}
	const young, old = 20 * time.Hour, 20*time.Hour + time.Second
	maxAge := func(value types.String) func(_, plan *applicationImportModel, _ *planInput) {
		return func(_, plan *applicationImportModel, _ *planInput) { plan.MaxAge = value }
	}
	stagedAt := func(value types.String) func(state, _ *applicationImportModel, _ *planInput) {
		return func(state, _ *applicationImportModel, _ *planInput) { state.StagedAt = value }
	}
	notRead := func(_, _ *applicationImportModel, in *planInput) { in.wasRead = false }
	return map[string]planCase{
		"young":                  {staged(young, "Finished", nil), "nothing", nil},
		"old":                    {staged(old, "Finished", nil), "replace staged_at", nil},
		"old, canceled":          {staged(old, "Canceled", nil), "replace staged_at", nil},
		"young, canceled":        {staged(young, "Canceled", nil), "nothing", []string{keptCanceled}},
		"old, unknown outcome":   {staged(old, "Rejected", func(s, _ *applicationImportModel, _ *planInput) { s.BuildEnd = timestamp(now) }), "replace staged_at", nil},
		"old, running":           {staged(old, "Running", nil), "overdue", nil},
		"old, paused":            {staged(old, "Awaiting Review", nil), "overdue", nil},
		"old, max_age removed":   {staged(old, "Finished", maxAge(types.StringNull())), "update", nil},
		"old, max_age unknown":   {staged(old, "Finished", maxAge(types.StringUnknown())), "update", nil},
		"old, max_age raised":    {staged(old, "Finished", maxAge(types.StringValue("21h"))), "update", nil},
		"young, max_age reduced": {staged(young, "Finished", maxAge(types.StringValue("19h"))), "replace staged_at", nil},
		"staged_at null":         {staged(old, "Finished", stagedAt(types.StringNull())), "nothing", nil},
		"old, not read":          {staged(old, "Finished", notRead), "nothing", []string{unreadAge}},
		"old, running, not read": {staged(old, "Running", notRead), "nothing", []string{unreadAge}},
		"young, not read":        {staged(young, "Finished", notRead), "nothing", nil},
		"old, failed":            {staged(old, "Failed", nil), "replace status staged_at", []string{restaged}},
		"old, failed, may restage": {staged(old, "Failed", func(_, plan *applicationImportModel, _ *planInput) {
			plan.RestageOnFailure = types.BoolUnknown()
		}), "replace staged_at", nil},
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
	plan := state
	plan.Files = mapOf(strings.ToUpper(groupA), "a.csv")

	d := decide(planInput{state: &state, plan: plan, adopted: &adoptedFiles{}, files: map[string]localFile{strings.ToUpper(groupA): {sum: "A"}}})

	if want := (&adoptedFiles{SHA256: map[string]string{groupA: "A"}}); !reflect.DeepEqual(d.adopted, want) {
		t.Errorf("stored is %+v, want %+v", d.adopted, want)
	}
}
