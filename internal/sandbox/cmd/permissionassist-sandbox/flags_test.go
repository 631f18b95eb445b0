package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseFlags_refused(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"applications":[{"name":"A","color":"red"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	for _, tc := range []struct {
		args     string
		code     int
		fragment string
	}{
		{"-help", exitOK, `{"applications": [`},
		{"-color", exitUsage, "-color"},
		{"more", exitUsage, `"more"`},
		{"-address nowhere", exitUsage, "missing port"},
		{"-address 0.0.0.0:0", exitUsage, "-allow-remote"},
		{"-address :8484", exitUsage, "-allow-remote"},
		{"-address example.com:80", exitUsage, "-allow-remote"},
		{"-build-time -1s", exitUsage, "-build-time"},
		{"-shell cmd", exitUsage, "-shell"},
		{"-token ä", exitUsage, "-token"},
		{"-token it's", exitUsage, "-token"},
		{"-applications /does/not/exist", exitError, "open /does/not/exist"},
		{"-applications " + bad, exitError, `unknown field "color"`},
		{"-address " + taken.Addr().String(), exitError, "to use a free port: -address 127.0.0.1:0"},
	} {
		t.Run(tc.args, func(t *testing.T) {
			var stdout, stderr strings.Builder
			code := run(t.Context(), strings.Fields(tc.args), &stdout, &stderr)
			if code != tc.code || stdout.Len() > 0 || !strings.Contains(stderr.String(), tc.fragment) {
				t.Errorf("ended with %d, %s and %s", code, &stdout, &stderr)
			}
		})
	}
}
