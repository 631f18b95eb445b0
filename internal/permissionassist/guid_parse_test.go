package permissionassist_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

const (
	copied      = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	copiedBare  = "3f2504e04f8941d39a0c0305e82c3301"
	another     = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	anotherBare = "7c9e6679742540de944be07fc1f90ae7"
)

func TestParseApplicationID(t *testing.T) {
	t.Parallel()

	const server = "https://pa.example.com:8443"

	for _, text := range []string{
		// a GUID in any spelling
		copied, strings.ToUpper(copied), copiedBare, strings.ToUpper(copiedBare), "{" + copied + "}", "(" + copied + ")", "{" + copiedBare + "}",
		"urn:uuid:" + copied, "URN:UUID:" + strings.ToUpper(copied), "%7B" + copied + "%7D", "%7b" + copiedBare + "%7d", " \t" + copied + "\r\n",
		`"` + copied + `"`, "<" + copied + ">", "\u00a0" + copied + "\u200b", "3F2504E0%2D4F89%2D41D3%2D9A0C%2D0305E82C3301",
		// anywhere in an address
		server + "/applications/" + copied, server + "/applications/" + copied + "/", server + "/applications/" + copied + "/edit?tab=imports#top",
		server + "/Applications/Edit?id=" + copied, server + "/a?x=1&applicationId=%7B" + strings.ToUpper(copied) + "%7D&y=2",
		server + "/#/applications/" + copied + "/imports", server + "/#!/applications?id=" + copiedBare, "pa.example.com/" + copied,
		server + "/login?returnUrl=%2Fapplications%2F" + copied, server + "/login?returnUrl=https%3A%2F%2Fpa%2Fapplications%252F" + copied,
		server + "/applications;id=" + copied, server + "/applications/jack-henry-" + copied, server + "/applications/" + copied + "-jack-henry",
		server + "/applications/jack-henry-" + copiedBare, server + "/app_" + copied, "https://u:p@pa/" + copied, "file:///C:/" + copied + ".html",
		// several times the same
		server + "/applications/" + copied + "?id=" + strings.ToUpper(copied) + "#" + copiedBare, copied + copied[:0] + "," + copied,
		// beside what only looks like one
		server + "/applications/" + copied + "?v=" + copiedBare + anotherBare, copied + "?sha1=" + strings.Repeat("a", 40),
		copied + "?trace=00-" + anotherBare + "-b7ad6b7169203331-01", copied + "/100%/%zz", copied + "/" + anotherBare[1:], copied + "/x" + another,
		copied + "/0x" + anotherBare,
	} {
		if got, err := permissionassist.ParseApplicationID(text); err != nil || got != copied {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestParseApplicationIDNone(t *testing.T) {
	t.Parallel()

	for text, shown := range map[string]string{
		"":                                      "the text is empty",
		" \n":                                   "the text is empty",
		"Jack Henry Silverlake":                 `"Jack Henry Silverlake"`,
		copied[1:]:                              `"` + copied[1:] + `"`,
		copied + "0":                            "33010",
		"0" + copied:                            "03f2504e0",
		copiedBare + "0":                        copiedBare,
		copiedBare + anotherBare:                copiedBare, // a SHA-256
		"cafe-" + copiedBare:                    copiedBare,
		copiedBare + "-01":                      copiedBare,
		strings.Replace(copied, "3", "g", 1):    "gf2504e0",
		strings.Replace(copied, "3", "３", 1):    "３f2504e0",
		strings.ReplaceAll(copied, "-", "_"):    "3f2504e0_4f89",
		"3f2504e-04f89-41d3-9a0c-0305e82c33010": "3f2504e-04f89",
		"https://pa.example.com/applications/5": `"https://pa.example.com/applications/5"`,
		"https://pa.example.com/applications/5?id=6":       `"https://pa.example.com/applications/5…"`,
		"https://pa.example.com/\x1b[31m\u202egpj\nline 2": `"https://pa.example.com/\x1b[31m\u202egpj line 2"`,
		"/" + strings.Repeat("é", 1000):                    "é…\"",
	} {
		_, err := permissionassist.ParseApplicationID(text)
		if err == nil {
			t.Errorf("%q is accepted", text)

			continue
		}

		for _, want := range []string{shown, "expected the address of the application's page", copied} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %q is missing in: %v", text, want, err)
			}
		}

		if len(err.Error()) > 500 {
			t.Errorf("%q: the error has %d bytes", text, len(err.Error()))
		}
	}
}

func TestParseApplicationIDSeveral(t *testing.T) {
	t.Parallel()

	for text, shown := range map[string][]string{
		"https://pa/applications/" + copied + "/imports/" + strings.ToUpper(another): {copied, another, "https://pa/applications/"},
		copied + " " + anotherBare:                  {copied, another},
		copied + "-" + another:                      {copied, another},
		copied + "?import=" + another:               {copied, another[:8] + "-… (behind the path)"},
		"https://pa/?a=" + copied + "&b=" + another: {copied[:8] + "-…", another[:8] + "-…", `"https://pa/…"`},
		strings.Join(manyGUIDs(7), " "):             {"00000001-", "00000005-", "and 2 more"},
	} {
		_, err := permissionassist.ParseApplicationID(text)
		if err == nil {
			t.Errorf("%q is accepted", text)

			continue
		}

		for _, want := range append(shown, "more than one GUID", "give only that one") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %q is missing in: %v", text, want, err)
			}
		}
	}
}

func manyGUIDs(n int) []string {
	guids := make([]string, n)
	for i := range guids {
		guids[i] = fmt.Sprintf("%08d%s", i+1, copied[8:])
	}

	return guids
}

// What may be a secret is in no error.
func TestParseApplicationIDSecrets(t *testing.T) {
	t.Parallel()

	const secret = "s3cr3ts3cr3t"

	for _, text := range []string{
		"https://pa.example.com/x?access_token=" + secret, "https://pa.example.com/#access_token=" + secret, "https://u:" + secret + "@pa.example.com/x",
		"u:" + secret + "@pa.example.com/x", "https://pa.example.com/x;jsessionid=" + secret, "pa_" + secret, "Bearer pa_" + secret, "token=" + secret,
		"https://pa.example.com/pa_" + secret, "https%3A%2F%2Fpa.example.com%2F%3Fcode%3D" + secret, "https://u:p%40" + secret + "@pa.example.com/",
		"https://pa.example.com/" + copied + "/" + another + "?token=" + secret, "https://pa/" + strings.Repeat("%25", 40) + "3Ftoken" + secret,
	} {
		_, err := permissionassist.ParseApplicationID(text)
		if err == nil {
			t.Errorf("%q is accepted", text)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("the secret is in the error: %v", err)
		}
	}

	// A session that is itself a GUID.
	_, err := permissionassist.ParseApplicationID("https://pa.example.com/" + copied + "?session=" + anotherBare)
	if err == nil || strings.Contains(err.Error(), another[9:]) || strings.Contains(err.Error(), anotherBare) {
		t.Errorf("the session is in the error: %v", err)
	}
}

// However long and odd the text, it ends, and the error stays short.
func TestParseApplicationIDLong(t *testing.T) {
	t.Parallel()

	for _, part := range []string{"%25", "25", "-", "a-", "abcd-", "%", "0123456789abcdef"} {
		if _, err := permissionassist.ParseApplicationID("%" + strings.Repeat(part, 20_000)); err == nil || len(err.Error()) > 500 {
			t.Errorf("%q: %v", part, err)
		}
	}
}

func FuzzParseApplicationID(f *testing.F) {
	for _, text := range []string{
		copied, copiedBare, "{" + copied + "}", "https://pa/%7B" + copied + "%7D?x=" + another, "%25%32%35", copied + "-" + another, "\xff%ff",
	} {
		f.Add(text)
	}

	f.Fuzz(func(t *testing.T, text string) {
		got, err := permissionassist.ParseApplicationID(text)
		if err != nil {
			if len(err.Error()) > 1200 {
				t.Errorf("%q: the error has %d bytes", text, len(err.Error()))
			}

			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) {
				t.Errorf("%q: the error has control characters: %q", text, err)
			}

			return
		}

		if err := permissionassist.ValidateGUID(got); err != nil || got != strings.ToLower(got) {
			t.Errorf("%q: %q is not a GUID in lower case", text, got)
		}

		// What was found is found again, also in an address and encoded.
		for _, again := range []string{got, "https://pa/?id=" + url.QueryEscape("{"+text+"}"), " " + text + "\n"} {
			if id, err := permissionassist.ParseApplicationID(again); err != nil || id != got {
				t.Errorf("%q: %q, then %q of %q, %v", text, got, id, again, err)
			}
		}
	})
}
