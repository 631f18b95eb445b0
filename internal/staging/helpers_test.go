package staging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

const (
	appID      = "0a1b2c3d-1111-4222-8333-444455556666"
	otherAppID = "0a1b2c3d-9999-4222-8333-444455556666"
	groupID    = "7c0e1a52-0000-4aaa-8bbb-0123456789ab"
	importID   = "5e6f7a8b-aaaa-4bbb-8ccc-ddddeeeeffff"

	// testTimeout is the request timeout of the tests.
	testTimeout = 4 * time.Second
	// tick is more than the longest pause between two reads of a search that
	// takes testTimeout.
	tick = time.Second
)

// newServer returns a sandbox whose builds are held.
func newServer(tb testing.TB, o sandbox.Options) *sandbox.Server {
	tb.Helper()
	o.Applications = []sandbox.Application{
		{ID: appID, Name: "Jack Henry Silverlake", FileGroups: []sandbox.FileGroup{{ID: groupID, Name: "Users"}}},
		{ID: otherAppID},
	}
	s := sandbox.New(o)
	s.HoldBuilds()
	tb.Cleanup(s.Close)
	return s
}

// newStager returns a Stager that reaches s without connections.
func newStager(tb testing.TB, s *sandbox.Server, change ...func(*permissionassist.Config)) *Stager {
	tb.Helper()
	cfg := permissionassist.Config{
		Endpoint: "https://pa.test", Token: sandbox.DefaultToken, RequestTimeout: testTimeout,
		Transport: &sandboxtest.InProcess{Handler: s},
	}
	for _, f := range change {
		f(&cfg)
	}
	client, err := permissionassist.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return New(client)
}

// inBubble runs a subtest in fake time. It starts an hour after that of package
// synctest, because a time before 2000 is no time.
func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			<-time.After(time.Hour)
			f(t)
		})
	})
}

// newFile creates a file and returns it for an upload.
func newFile(t *testing.T) map[string]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.csv")
	if err := os.WriteFile(path, []byte(strings.Repeat("name,role\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{groupID: path}
}

// stageOrUpload uploads files if there are any.
func stageOrUpload(ctx context.Context, s *Stager, files map[string]string) (Result, error) {
	if files == nil {
		return s.Stage(ctx, appID)
	}
	return s.Upload(ctx, appID, files)
}

// learned stages an import, so that the names of the token and the type are
// known.
func learned(t *testing.T, s *Stager) Result {
	t.Helper()
	result, err := s.Stage(t.Context(), appID)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// failing is a list that fails every time.
func failing(skip int, action sandbox.Action) sandbox.Fault {
	return sandbox.Fault{Operation: sandbox.OpListImports, Skip: skip, Times: -1, Action: action}
}

// replacing is a response with another text in it.
func replacing(old, changed string) sandbox.Action {
	return sandbox.Rewrite(func(status int, body []byte) (int, []byte) {
		return status, bytes.ReplaceAll(body, []byte(old), []byte(changed))
	})
}

func outcomeOf(result Result, err error) sandboxtest.StageOutcome {
	var failed *Error
	switch {
	case err == nil && result.Doubt == nil:
		return sandboxtest.Staged
	case err == nil:
		return sandboxtest.Recovered
	case errors.As(err, &failed):
		return sandboxtest.StageOutcome(failed.Outcome)
	default:
		return sandboxtest.StageOutcome(fmt.Sprintf("a %T", err))
	}
}

// wantOutcome ends the test on another outcome. It returns what err says, if it
// is an *Error.
func wantOutcome(t *testing.T, want sandboxtest.StageOutcome, result Result, err error) Error {
	t.Helper()
	if got := outcomeOf(result, err); got != want {
		t.Fatalf("the outcome is %q, want %q: %+v, %v", got, want, result, err)
	}
	failed := &Error{}
	_ = errors.As(err, &failed)
	return *failed
}

func numbersOf(imports []permissionassist.ApplicationImport) []int64 {
	var numbers []int64
	for _, imp := range imports {
		numbers = append(numbers, imp.Number)
	}
	return numbers
}

func wantPosts(t *testing.T, s *sandbox.Server, want int) {
	t.Helper()
	if got := s.Count(sandbox.OpStage) + s.Count(sandbox.OpUpload); got != want {
		t.Errorf("%d POSTs arrived, want %d", got, want)
	}
}

func wantContains(t *testing.T, text string, fragments ...string) {
	t.Helper()
	for _, fragment := range fragments {
		if !strings.Contains(text, fragment) {
			t.Errorf("%q does not contain %q", text, fragment)
		}
	}
}

// endings are the two ways in which a context ends.
var endings = map[string]func(context.Context, time.Duration) (context.Context, context.CancelFunc){
	"canceled": func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(d, cancel)
		return ctx, cancel
	},
	"deadline": context.WithTimeout,
}
