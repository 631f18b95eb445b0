package permissionassist

import (
	"fmt"
	"strings"
	"testing"
)

func TestValidateGUID(t *testing.T) {
	t.Parallel()

	const guid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

	for _, good := range []string{guid, strings.ToUpper(guid)} {
		if err := ValidateGUID(good); err != nil || !SameGUID(guid, good) {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", strings.ReplaceAll(guid, "-", ""), "{" + guid + "}", guid + "\n", "\n" + guid, guid + "0", guid[1:],
		strings.Replace(guid, "3", "g", 1), strings.Replace(guid, "3", "３", 1), guid + "/..", "3f2504e-04f89-41d3-9a0c-0305e82c33010",
	} {
		err := ValidateGUID(bad)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("%q: the error is %v, want one that shows the value", bad, err)
		}
		if SameGUID(guid, bad) {
			t.Errorf("%q is the same as %s", bad, guid)
		}
	}
}

func FuzzValidateGUID(f *testing.F) {
	f.Add("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
	f.Add("{3F2504E0-4F89-41D3-9A0C-0305E82C3301}")
	f.Fuzz(func(t *testing.T, s string) {
		// The same rule in another form than the pattern.
		valid := len(s) == 36
		for i := 0; valid && i < len(s); i++ {
			if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen {
				valid = s[i] == '-'
			} else {
				valid = strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
			}
		}
		if err := ValidateGUID(s); (err == nil) != valid || err != nil && !printable(err.Error()) {
			t.Errorf("%q: %v", s, err)
		}
	})
}
