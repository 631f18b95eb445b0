package provider

import (
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func FuzzFindGUID(f *testing.F) {
	const guid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

	for _, text := range []string{
		guid, strings.ReplaceAll(guid, "-", ""), "https://pa/%7B" + guid + "%7D?x=%zz", "%25%32%35", guid + "-" + guid, "\xff%ff",
	} {
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
