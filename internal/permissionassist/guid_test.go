package permissionassist_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func TestValidateGUID(t *testing.T) {
	t.Parallel()

	const guid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

	for _, good := range []string{guid, strings.ToUpper(guid), "00000000-0000-0000-0000-000000000000"} {
		if err := permissionassist.ValidateGUID(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}

	for _, bad := range []string{
		"", "x", strings.ReplaceAll(guid, "-", ""), "{" + guid + "}", guid + "\n", "\n" + guid, " " + guid, guid + "0", guid[1:],
		strings.Replace(guid, "3", "g", 1), strings.Replace(guid, "3", "３", 1), "https://pa.example.com/" + guid, guid + "/..",
		strings.ReplaceAll(guid, "-", "_"), "3f2504e-04f89-41d3-9a0c-0305e82c33010",
	} {
		err := permissionassist.ValidateGUID(bad)
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

	if !permissionassist.SameGUID(guid, strings.ToUpper(guid)) {
		t.Error("the case matters")
	}

	if permissionassist.SameGUID(guid, guid[:35]+"2") || permissionassist.SameGUID(guid, "") {
		t.Error("different ones are the same")
	}
}
