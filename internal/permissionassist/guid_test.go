package permissionassist

import (
	"fmt"
	"strings"
	"testing"
)

func TestValidateGUID(t *testing.T) {
	t.Parallel()

	const guid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

	for _, good := range []string{guid, strings.ToUpper(guid), "00000000-0000-0000-0000-000000000000"} {
		if err := ValidateGUID(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}

	for _, bad := range []string{
		"", "x", strings.ReplaceAll(guid, "-", ""), "{" + guid + "}", guid + "\n", "\n" + guid, " " + guid, guid + "0", guid[1:],
		strings.Replace(guid, "3", "g", 1), strings.Replace(guid, "3", "３", 1), "https://pa.example.com/" + guid, guid + "/..",
		strings.ReplaceAll(guid, "-", "_"), "3f2504e-04f89-41d3-9a0c-0305e82c33010",
	} {
		err := ValidateGUID(bad)
		if err == nil {
			t.Errorf("%q is accepted", bad)

			continue
		}

		if !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) || !strings.Contains(err.Error(), "xxxxxxxx-xxxx-") {
			t.Errorf("%q: the error does not show the value and the form: %v", bad, err)
		}
	}
}

func TestSameGUID(t *testing.T) {
	t.Parallel()

	const guid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

	if !SameGUID(guid, strings.ToUpper(guid)) {
		t.Error("the case matters")
	}

	if SameGUID(guid, guid[:35]+"2") || SameGUID(guid, "") {
		t.Error("different ones are the same")
	}
}

func FuzzValidateGUID(f *testing.F) {
	f.Add("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
	f.Add("{3F2504E0-4F89-41D3-9A0C-0305E82C3301}")
	f.Fuzz(func(t *testing.T, s string) {
		err := ValidateGUID(s)

		// The same rule in another form than the pattern.
		valid := len(s) == 36
		for i := 0; valid && i < len(s); i++ {
			if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen {
				valid = s[i] == '-'
			} else {
				valid = strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
			}
		}

		if (err == nil) != valid {
			t.Errorf("%q: %v", s, err)
		}

		if err != nil && !printable(err.Error()) {
			t.Errorf("the error is %q", err)
		}

		if !SameGUID(s, s) {
			t.Errorf("%q is not itself", s)
		}
	})
}
