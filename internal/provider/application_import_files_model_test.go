package provider

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What was not planned is learnt at apply, and what was planned stays.
func TestLearnFiles(t *testing.T) {
	t.Parallel()

	const (
		users = "7C0E1A52-6b1f-4aaa-8bbb-0123456789ab"
		roles = "8d1f2b63-7c2a-4aaa-8bbb-0123456789ab"
		sumX  = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" // of "x"
	)

	file := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}

	strings := func(keysAndValues ...attr.Value) types.Map {
		elements := map[string]attr.Value{}
		for n, key := range []string{users, roles}[:len(keysAndValues)] {
			elements[key] = keysAndValues[n]
		}

		return types.MapValueMust(types.StringType, elements)
	}
	str := func(s string) attr.Value { return types.StringValue(s) }
	null, unknown := types.MapNull(types.StringType), types.MapUnknown(types.StringType)

	for name, tc := range map[string]struct {
		files, planned, want types.Map
		fails                bool
	}{
		"nothing planned":       {strings(str(file), str(file)), unknown, strings(str(sumX), str(sumX)), false},
		"one planned":           {strings(str(file), str(file)), strings(str("planned"), types.StringUnknown()), strings(str("planned"), str(sumX)), false},
		"all planned":           {strings(str("/gone")), strings(str("planned")), strings(str("planned")), false},
		"no files":              {null, null, null, false},
		"no files after all":    {null, unknown, null, false},
		"missing at apply only": {strings(str("/does/not/exist")), unknown, null, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			m := applicationImportModel{Files: tc.files, FilesSHA256: tc.planned}

			diags := m.learnFiles(t.Context())
			if diags.HasError() != tc.fails {
				t.Fatalf("diagnostics: %v", diags)
			}

			if !tc.fails && !m.FilesSHA256.Equal(tc.want) {
				t.Errorf("files_sha256 is %s, want %s", m.FilesSHA256, tc.want)
			}
		})
	}
}
