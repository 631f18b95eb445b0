package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// The token is only in requests to the server, and nowhere else.
func TestAccSecrets_leaveNoTrace(t *testing.T) {
	t.Parallel()

	tg := newSandboxTarget(t, sandbox.Options{})
	w := newWorkspace(t, tg, waitingImport()+applicationData(`name = "`+appName+`"`))
	w.env["TF_LOG"] = "TRACE"
	w.env["TF_LOG_PATH"] = filepath.Join(w.dir, "trace.log")

	// The server echoes the token in its responses.
	for _, action := range []sandbox.Action{
		echoEnvelope(500, "server_error"), echoPage(502), sandbox.Redirect(302, "https://login.example.com/"+token+"?t="+token),
	} {
		tg.sandbox.Inject(sandbox.Fault{Operation: sandbox.OpListImports, Action: action, Times: 6})
	}
	output := w.apply(1) + w.apply(1) + w.apply(1)
	tg.sandbox.ClearFaults()
	w.plan()
	output += w.run(0, "show", "-json", "saved.tfplan") + w.apply(0) + w.run(0, "show", "-json") + w.run(0, "destroy")
	wantContains(t, output, "[REDACTED]")

	entries, err := os.ReadDir(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]string{"output": output}
	for _, e := range entries {
		if raw, err := os.ReadFile(filepath.Join(w.dir, e.Name())); err == nil {
			written[e.Name()] = string(raw)
		}
	}
	if !strings.Contains(written["trace.log"], "Permission Assist response") {
		t.Error("the log has no requests")
	}
	for name, content := range written {
		if i := strings.Index(content, token); i >= 0 {
			t.Errorf("%s has the token: …%s…", name, content[max(0, i-200):min(len(content), i+100)])
		}
	}
}
