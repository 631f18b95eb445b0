package provider_test

import (
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// configCase is a configuration that is valid, or invalid with these fragments,
// separated by " … ", in its errors or warnings.
type configCase struct {
	config values
	want   string
}

// configs are configurations of the provider, the resource and its companions,
// and of data sources.
var configs = map[string][]configCase{
	// TestProvider_configureFromEnvironment has the rest.
	"provider": {
		{nil, ""},
		{values{"endpoint": unknown, "token": unknown, "request_timeout": unknown, "ca_cert_pem": unknown}, ""},
		{values{"endpoint": "https://pa.example.com/api/", "request_timeout": "90s", "insecure_skip_verify": true}, ""},
		{values{"request_timeout": "0s"}, `AttributeName("request_timeout") … "0s" must be a positive duration`},
		{values{"request_timeout": strings.Repeat("x", 200)}, strings.Repeat("x", 99) + "…"},
		{values{"endpoint": "http://pa.example.com"}, `AttributeName("endpoint") … "http://pa.example.com"`},
		{values{"endpoint": "http://pa.example.com", "allow_insecure_http": true}, ""},
		{values{"endpoint": "http://pa.example.com", "allow_insecure_http": unknown}, ""},
		{values{"endpoint": "https://u:hunter2@pa.example.com/"}, `AttributeName("endpoint") … user name or password`},
		{values{"token": ""}, ""},
		{values{"token": "Bearer pa_hunter2"}, `AttributeName("token") … eave that out`},
		{values{"token": "pa_hunter2\n"}, `AttributeName("token") … position 11`},
		{values{"max_retries": -1}, `AttributeName("max_retries") … between 0 and 20`},
		{values{"ca_cert_pem": "hello"}, `AttributeName("ca_cert_pem") … no PEM block`},
		{values{"ca_cert_pem": "x", "ca_cert_file": "x.pem"}, `AttributeName("ca_cert_`},
		{values{"client_cert_pem": "x", "client_cert_file": "x.pem"}, `AttributeName("client_cert_`},
		{values{"client_key_file": "-----BEGIN PRIVATE KEY-----\nhunter2\n"}, `AttributeName("client_key_file") … his is content, not a path`},
		{values{"ca_cert_file": "C:\temp\\ca.pem"}, `AttributeName("ca_cert_file") … a tab at position 3`},
		{values{"ca_cert_file": ""}, `AttributeName("ca_cert_file") … path is empty`},
	},
	"resource": {
		{aged("20h"), ""},
		{values{"application_id": unknown, "max_age": unknown}, ""},
		{values{"application_id": appID, "triggers": nil}, ""},
		{values{"application_id": "https://pa.example.com/applications/" + appID + "?tab=imports"}, ""},
		{values{"application_id": "Core"}, "found no GUID … finds an application by its name"},
		{values{"application_id": appID + " " + otherAppID}, "found 2 different GUIDs"},
		{aged("0s"), `The value "0s" must be a positive duration`},
		{aged("-1s"), "positive"},
		{withFiles(stringMap(usersID, "a", rolesID, "b")), ""},
		{withFiles(unknown), ""},
		{withFiles(stringMap("users", "a")), `"users" is not a GUID`},
		{withFiles(stringMap()), "No files to upload"},
		{withFiles(stringMap(usersID, " ")), "Invalid file path"},
		{withFiles(map[string]any{usersID: nil}), "Invalid file path"},
		{withFiles(stringMap(usersID, "a", strings.ToUpper(usersID), "a")), "Duplicate file group"},
	},
	"completion": {
		{waiting("1h30m"), ""},
		{values{"import_id": unknown, "log_lines": unknown}, ""},
		{completion("#1001"), `"#1001" is not a GUID`},
		{waiting("0s"), `The value "0s" must be a positive duration`},
		{waiting("an hour"), `The value "an hour" must be a positive duration`},
		{values{"import_id": appID, "log_lines": 201}, "between 0 and 200"},
		{values{"import_id": appID, "log_lines": -1}, "between 0 and 200"},
	},
	"list": {
		{nil, ""},
		{values{"application_id": appID, "statuses": strs("finished", "Paused")}, ""},
		{values{"application_id": unknown, "statuses": unknown}, ""},
		{values{"application_id": "x"}, "Invalid GUID in application_id"},
		{values{"statuses": strs()}, "Invalid Attribute Value"},
		{values{"statuses": strs("")}, "Invalid Attribute Value Length"},
		{values{"statuses": withNull}, "Null List Value"},
	},
	applicationDataType: {
		{values{"name": unknown}, ""},
		{values{"name": ""}, "at least 1"},
		{nil, "when one (and only one) of [id,name] is required"},
		{values{"id": appID, "name": "x"}, "when one (and only one) of [id,name] is required"},
		{values{"id": "5"}, "Invalid GUID"},
	},
	applicationsDataType: {
		{values{"names": withNull}, "Null Set Value"},
		{values{"names": unknown, "name_regex": unknown, "priorities": unknown}, ""},
		{values{"name_regex": "Core ("}, `The value "Core (" must be a regular expression in RE2's syntax`},
		{values{"name_regex": "(?=Core)"}, "invalid or unsupported Perl syntax"},
		{values{"priorities": strs()}, "must contain at least 1 elements"},
		{values{"priorities": strs("High", "Urgent")}, `got: "Urgent"`},
	},
	importDataType: {
		{values{"id": unknown}, ""},
		{nil, "when one (and only one) of [id,application_id] is required"},
		{values{"id": importedID, "application_id": appID}, "2 attributes specified"},
		{values{"id": "121"}, "Invalid GUID"},
		{values{"application_id": "core"}, "Invalid GUID"},
		{values{"application_id": appID, "number": 1}, ""},
		{values{"application_id": appID, "number": 0}, "at least 1"},
		{values{"id": importedID, "number": 1}, `"application_id" must be specified`},
		{values{"application_id": unknown, "statuses": strs("Finished")}, ""},
		{values{"id": importedID, "statuses": strs("Finished")}, `"application_id" must be specified`},
		{values{"application_id": appID, "number": 1, "statuses": strs("Failed")}, "cannot be specified when"},
		{values{"application_id": appID, "statuses": strs("Success")}, "known values are Pending, Running, Finished, Failed"},
		{values{"application_id": appID, "statuses": strs("x=1")}, "document a value"},
		{values{"application_id": appID, "max_age": "1 day"}, "Invalid duration in max_age"},
		{values{"application_id": appID, "time_zone": "Local"}, "Invalid time zone in time_zone"},
	},
	importsDataType: {
		{values{"application_id": unknown, "statuses": unknown}, ""},
		{values{"application_id": "core"}, "found no GUID"},
		{values{"statuses": strs()}, "must contain at least 1 elements"},
		{values{"statuses": strs("Failed", "")}, "string length must be at least 1"},
	},
	identitiesType: {
		{values{"types": strs("serviceaccount", "SERVICE ACCOUNT"), "statuses": strs("active")}, ""},
		{values{"types": strs("Robot")}, `does not document "Robot"`},
		{values{"statuses": strs("Enabled")}, "The known values are Active, Disabled, Removed."},
	},
	accessRequestsType: {
		{nil, "of [id,identity_id,application_id]"},
		{values{"statuses": strs("Open")}, "out of [id"},
		{values{"identity_id": unknown}, ""},
		{values{"identity_id": annID, "application_id": dnaID}, ""},
		{values{"id": devRequestID, "identity_id": annID}, "cannot be specified when"},
		{values{"id": devRequestID, "statuses": strs("Open")}, "cannot be specified when"},
		{values{"identity_id": "Ann Lee"}, "found no GUID"},
		{values{"id": unknown, "statuses": strs("Done")}, "Resolved, Completed"},
		{values{"identity_id": annID, "actions": strs("Grant")}, "Add, Change, Remove, Suspend, Restore"},
	},
	personnelEventsType: {
		{nil, ""},
		{values{"identity_id": unknown, "types": unknown}, ""},
		{values{"types": strs("RoleTransition", "Role Transition", "role transition")}, ""},
		{values{"types": strs("Leaver")}, "Onboard, Offboard, Role Transition, Absence"},
		{values{"id": carlaEventID, "types": strs("Offboard")}, "cannot be specified when"},
	},
}

func withFiles(files any) values { return values{"application_id": fileAppID, "files": files} }

func waiting(timeout string) values { return values{"import_id": appID, "timeouts": timeouts(timeout)} }

func TestConfig(t *testing.T) {
	t.Parallel()

	p := newProtocol(t, nil)
	for what, cases := range configs {
		for _, tc := range cases {
			got := details(p.validate(what, tc.config))
			if (got == "") != (tc.want == "") {
				t.Errorf("%s %v: want %q:\n%s", what, tc.config, tc.want, got)
			}
			wantContains(t, got, tc.want)
			wantNotContains(t, got, hunter2)
		}
	}
}

// An invalid configuration of an action is an error before anything is staged
// or canceled. A value that was unknown before is validated again by plan and
// invoke.
func TestConfig_actions(t *testing.T) {
	t.Parallel()

	const required, duration = "ERROR: Missing Configuration for Required Attribute", "ERROR: Invalid duration in timeout"
	const noGUID, noImportGUID = "ERROR: Invalid GUID in application_id", "ERROR: Invalid GUID in application_import_id"
	timeout := func(text string) values { return values{"application_id": appID, "timeout": text} }
	tg := newSandboxTarget(t, sandbox.Options{})
	p := configuredProtocol(t, tg)
	for _, tc := range []struct {
		action string
		config values
		// validate and plan are the wanted diagnostics.
		validate, plan string
	}{
		{stageAction, timeout("1h30m"), "", ""},
		{stageAction, values{"application_id": unknown, "timeout": unknown}, "", ""},
		{stageAction, values{"application_id": nil}, required, "ERROR: Missing value for application_id"},
		{stageAction, values{"application_id": "x"}, noGUID, noGUID},
		{stageAction, timeout("soon"), duration, duration},
		{cancelAction, canceling(appID), "", ""},
		{cancelAction, values{"application_import_id": unknown}, "", ""},
		{cancelAction, values{"application_import_id": nil}, required, "ERROR: Missing value for application_import_id"},
		{cancelAction, canceling("#42"), noImportGUID, noImportGUID},
	} {
		wantSummaries(t, p.validate(tc.action, tc.config), tc.validate)
		plan := p.planAction(tc.action, tc.config, true)
		if wantSummaries(t, plan.Diagnostics, tc.plan); plan.Deferred != nil {
			t.Errorf("%v: the plan is deferred: %v", tc.config, plan.Deferred)
		}
		if tc.plan != "" {
			wantSummaries(t, p.invoke(t.Context(), tc.action, tc.config).diagnostics, tc.plan)
		}
	}
	tg.wantOnlyRequests(t, "validating and planning", requests{})
}
