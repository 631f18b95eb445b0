package provider

import (
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func TestFindGUID(t *testing.T) {
	t.Parallel()

	const (
		guid      = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
		bare      = "3f2504e04f8941d39a0c0305e82c3301"
		other     = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
		otherBare = "7c9e6679742540de944be07fc1f90ae7"
		server    = "https://pa.example.com:8443/applications"
	)
	upper := strings.ToUpper(guid)
	for want, texts := range map[string][]string{
		guid: {
			// A GUID in any common spelling.
			guid, upper, bare, strings.ToUpper(bare), "{" + guid + "}", "{" + bare + "}", "urn:uuid:" + guid, " \t" + guid + "\r\n",
			`"` + guid + `"`, "\u00a0" + guid + "\u200b", "%7B" + guid + "%7D", "%7b" + bare + "%7d", strings.ReplaceAll(upper, "-", "%2D"),
			// Anywhere in a URL.
			server + "/" + guid, server + "/" + guid + "/edit?tab=x#top", "pa.example.com/" + guid,
			server + "/a?x=1&applicationId=%7B" + upper + "%7D&y=2", server + "/#!/applications?id=" + bare,
			server + "/login?returnUrl=%2Fapplications%2F" + guid, server + "/login?returnUrl=https%3A%2F%2Fpa%2Fapplications%252F" + guid,
			server + "/jack-henry-" + bare, server + "/" + guid + "-cafe", server + "/app_" + guid, server + "/app%5F" + bare + "_1",
			// Several times.
			server + "/" + guid + "?id=" + upper + "#" + bare, guid + "," + guid, guid + "_" + guid,
			// Next to a text that only looks like a GUID.
			guid + "?v=" + bare + otherBare, guid + "?sha1=" + strings.Repeat("a", 40), guid + "/" + otherBare[1:], guid + "/x" + other,
			guid + "/0x" + otherBare, "%7B" + guid + "%7D/100%/%zz",
		},
		"found no GUID": {
			"", "42", "latest", "https://u:s3cr3t@pa.example.com/", "\x1b[2J", "::stop-commands::x", server + "/5?id=6", guid[1:],
			guid + "0", "0" + guid, bare + otherBare, strings.Replace(guid, "3", "g", 1), strings.Replace(guid, "3", "３", 1),
			strings.ReplaceAll(guid, "-", "_"), "3f2504e-04f89-41d3-9a0c-0305e82c33010",
		},
		"found 2 different GUIDs instead of one": {
			server + "/" + guid + "/imports/" + strings.ToUpper(other), guid + " " + otherBare, guid + "-" + other, guid + "_" + other,
		},
	} {
		for _, text := range texts {
			got, err := findGUID(text)
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("%q: %s, want %s", text, got, want)
			}
		}
	}
}

func FuzzFindGUID(f *testing.F) {
	const guid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	for _, text := range []string{guid, "https://pa/%7B" + guid + "%7D?x=%zz", "%25%32%35", guid + "-" + guid, "\xff%ff"} {
		f.Add(text)
	}

	f.Fuzz(func(t *testing.T, text string) {
		got, err := findGUID(text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "found ") || len(err.Error()) > 60 {
				t.Errorf("%q: the error is %q", text, err)
			}
			return
		}
		if err := permissionassist.ValidateGUID(got); err != nil || got != strings.ToLower(got) {
			t.Errorf("%q: %q is not a GUID in lower case", text, got)
		}
		for _, again := range []string{got, "{" + text + "}", text + "\n" + strings.ToUpper(got)} {
			if id, err := findGUID(again); err != nil || id != got {
				t.Errorf("%q has %q, but %q has %q, %v", text, got, again, id, err)
			}
		}
	})
}
