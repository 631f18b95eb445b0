package provider_test

import (
	"strings"
	"testing"
)

// TestFindGUID has more spellings.
func TestParseApplicationID(t *testing.T) {
	t.Parallel()

	const page = "https://pa.example.com/applications/"
	p := newProtocol(t, nil)
	if id, err := p.call("parse_application_id", page+strings.ToUpper(appID)+"?tab=x"); err != nil || id != appID {
		t.Errorf("%s, %v", id, err)
	}
	// The error does not depend on the text, which can have a secret.
	_, want := p.call("parse_application_id", "")
	wantContains(t, want.Text, "the application's GUID, such as", "found no GUID")
	for _, text := range []string{token, page + "5?id=6", "https://u:s3cr3t@pa.example.com/", "\x1b[2J"} {
		_, err := p.call("parse_application_id", text)
		if err == nil || err.Text != want.Text || err.FunctionArgument == nil || *err.FunctionArgument != 0 {
			t.Errorf("%q: %+v", text, err)
		}
	}
	if id, err := p.call("parse_application_id", nil); err == nil {
		t.Errorf("null: the result is %s", id)
	}
}
