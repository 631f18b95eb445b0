package provider_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// everything is what the provider lets out: its log at TRACE (and the
// framework's), and what a test adds of diagnostics and states.
type everything struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer, for the loggers.
func (e *everything) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()

	return e.buf.Write(p)
}

func (e *everything) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()

	return e.buf.String()
}

// logged is a context whose loggers write here, as Terraform's do to a file.
func (e *everything) logged(ctx context.Context) context.Context {
	return tflogtest.RootLogger(tfsdklogtest.RootLogger(ctx, e), e)
}

// note adds what a response holds. A DynamicValue has its strings as they are.
func (e *everything) note(diags []*tfprotov6.Diagnostic, others ...[]byte) {
	_, _ = io.WriteString(e, details(diags)+"\n")

	for _, other := range others {
		_, _ = e.Write(append(slices.Clone(other), '\n'))
	}
}

func (e *everything) noteApply(resp *tfprotov6.ApplyResourceChangeResponse) {
	e.note(resp.Diagnostics, packed(resp.NewState), resp.Private)

	if resp.NewIdentity != nil {
		e.note(nil, packed(resp.NewIdentity.IdentityData))
	}
}

func packed(d *tfprotov6.DynamicValue) []byte {
	if d == nil {
		return nil
	}

	return append(slices.Clone(d.MsgPack), d.JSON...)
}

// expectNoToken fails the test where the token was let out.
func (e *everything) expectNoToken(t *testing.T) {
	t.Helper()

	all := e.String()
	if i := strings.Index(all, token); i >= 0 {
		t.Errorf("the token was let out: …%s…", all[max(0, i-300):min(len(all), i+100)])
	}
}

// elsewhere is another server, to which a redirect may point. It notes
// whatever reaches it.
type elsewhere struct {
	url string

	mu   sync.Mutex
	seen []string
}

func newElsewhere(t *testing.T) *elsewhere {
	t.Helper()

	e := &elsewhere{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)

		e.mu.Lock()
		defer e.mu.Unlock()

		e.seen = append(e.seen, fmt.Sprintf("%s %s %v %s", r.Method, r.URL, r.Header, body))
	}))
	t.Cleanup(server.Close)

	e.url = server.URL

	return e
}

// expectNothing fails the test where a redirect was followed there.
func (e *elsewhere) expectNothing(t *testing.T) {
	t.Helper()

	e.mu.Lock()
	defer e.mu.Unlock()

	for _, request := range e.seen {
		t.Errorf("another server got a request (with the token: %t): %s", strings.Contains(request, token), request)
	}
}

// process is one provider process, as one Terraform run starts it.
type process struct {
	*protocol
	seen *everything
}

func newProcess(t *testing.T, tg target, seen *everything, arguments values) *process {
	t.Helper()

	p := &process{newProtocol(t), seen}
	arguments["endpoint"], arguments["token"] = str(tg.endpoint), str(tg.token)

	resp, err := p.server.ConfigureProvider(seen.logged(t.Context()), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: p.dynamic(p.schema.Provider, p.object(p.schema.Provider, arguments)),
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, details(resp.Diagnostics))
	}

	return p
}

// change is a planned change that can be applied by another goroutine than the
// test's.
type change func() (*tfprotov6.ApplyResourceChangeResponse, error)

func (p *process) planned(before, config values) change {
	p.t.Helper()

	plan := p.plan(before, config)
	if text := details(plan.Diagnostics); text != "" {
		p.t.Fatal(text)
	}

	return p.applies(p.applyRequest(before, config, plan))
}

func (p *process) applies(req *tfprotov6.ApplyResourceChangeRequest) change {
	ctx := p.seen.logged(p.t.Context())

	return func() (*tfprotov6.ApplyResourceChangeResponse, error) {
		resp, err := p.server.ApplyResourceChange(ctx, req)
		if err == nil {
			p.seen.noteApply(resp)
		}

		return resp, err
	}
}

// refreshed reads a resource, as a plan does first.
func (p *process) refreshed(state values) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := p.server.ReadResource(p.seen.logged(p.t.Context()), &tfprotov6.ReadResourceRequest{
		TypeName: resourceType, CurrentState: p.stateOf(state),
	})
	if err == nil {
		p.seen.note(resp.Diagnostics, packed(resp.NewState), resp.Private)
	}

	return resp, err
}

// imported is what "terraform import ADDRESS ID" leaves in the state.
func (p *process) imported(id string) values {
	p.t.Helper()

	state, said := p.tryImport(id)
	if said != "" {
		p.t.Fatal(said)
	}

	return state
}

// tryImport is imported, or what is said against it.
func (p *process) tryImport(id string) (values, string) {
	p.t.Helper()

	resp, err := p.server.ImportResourceState(p.seen.logged(p.t.Context()), &tfprotov6.ImportResourceStateRequest{TypeName: resourceType, ID: id})
	if err != nil {
		p.t.Fatal(err)
	}

	if len(resp.Diagnostics) > 0 || len(resp.ImportedResources) != 1 {
		return nil, "import: " + details(resp.Diagnostics)
	}

	read, err := p.refreshed(p.attributes(p.resourceSchema(), resp.ImportedResources[0].State))
	if err != nil {
		p.t.Fatal(err)
	}

	return p.attributes(p.resourceSchema(), read.NewState), details(read.Diagnostics)
}

// text is an attribute that is a string, "" where it is null.
func (v values) text(name string) string {
	var s *string
	if v[name].IsKnown() && v[name].As(&s) == nil && s != nil {
		return *s
	}

	return ""
}

// eventually waits for what a server does without being asked, such as work
// that it does late.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()

	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()

	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()

	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline.C:
			t.Fatalf("it did not happen: %s", what)
		}
	}
}

// concurrently runs jobs, some at a time, as Terraform does with -parallelism.
// It does not use t.Parallel, which allows no more at once than there are
// processors, because most of the jobs' time is spent waiting.
func concurrently(limit int, jobs ...func()) {
	var wg sync.WaitGroup

	slots := make(chan struct{}, limit)

	for _, job := range jobs {
		slots <- struct{}{}

		wg.Go(func() {
			defer func() { <-slots }()

			job()
		})
	}

	wg.Wait()
}

// verdict is how a staging ends, by what a person reads.
type verdict string

const (
	staged    verdict = "staged"
	notStaged verdict = "not staged"
	uncertain verdict = "uncertain"
)

// verdictOf reads an answer to a create as a person does. An answer that says
// something else, or two things at once, fails the test.
func (p *process) verdictOf(t *testing.T, resp *tfprotov6.ApplyResourceChangeResponse) verdict {
	t.Helper()

	said := details(resp.Diagnostics)
	if said == "" {
		return staged
	}

	// It was not answered, but found, or posted again: that is said, with its ID.
	if warned := summaries(resp.Diagnostics); warned == "WARNING: "+recovered || warned == "WARNING: "+repeated {
		if id := p.attributes(p.resourceSchema(), resp.NewState).text("id"); !strings.Contains(said, id) {
			t.Errorf("import %s is not named in: %s", id, said)
		}

		return staged
	}

	var (
		certain  = strings.Contains(said, "Nothing was staged.")
		doubtful = strings.Contains(said, "Import may have been staged")
		advised  = strings.Contains(said, "terraform import ADDRESS ID")
	)

	switch {
	case len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError, certain == doubtful, doubtful != advised:
		t.Errorf("the answer does not say whether something was staged: %s", said)
	case p.attributes(p.resourceSchema(), resp.NewState) != nil:
		t.Errorf("an import of which nothing is known is in the state: %s", said)
	}

	if certain {
		return notStaged
	}

	return uncertain
}

// newImports are the imports staged over the API since before was noted that
// no state has.
func newImports(server *sandbox.Server, before map[string]bool, owned map[string]bool) []string {
	var ids []string

	for _, imp := range server.Imports() {
		if !before[imp.ID] && !owned[imp.ID] {
			ids = append(ids, imp.ID)
		}
	}

	return ids
}
