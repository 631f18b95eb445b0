package main

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ bill, want string }{
		"asserted":   {`{"components":[{"name":"a","licenses":[{"license":{"id":"MIT"}}]}]}`, ""},
		"recognized": {`{"components":[{"name":"a","evidence":{"licenses":[{"license":{"id":"MPL-2.0"}}]}}]}`, ""},
		"one of two": {`{"components":[{"name":"a","licenses":[{"license":{"id":"MIT"}},{"license":{"id":"GPL-2.0"}}]}]}`, "a : license"},
		"forbidden":  {`{"components":[{"name":"a","version":"v1","licenses":[{"license":{"id":"AGPL-3.0-only"}}]}]}`, "a v1: license"},
		"none":       {`{"components":[{"name":"a","version":"v1"}]}`, "a v1: license"},
		"empty":      {`{"components":[]}`, "no components"},
		"no JSON":    {`components`, "reading the bill of materials"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := check(strings.NewReader(tt.bill))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
