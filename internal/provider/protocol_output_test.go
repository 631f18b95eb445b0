package provider_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"
)

// output collects all output of the provider: logs at TRACE (its own and the
// framework's), diagnostics and states.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// logged returns a context with loggers that write to the output.
func (o *output) logged(ctx context.Context) context.Context {
	return tflogtest.RootLogger(tfsdklogtest.RootLogger(ctx, o), o)
}

// add adds a response. A DynamicValue has its strings unescaped.
func (o *output) add(diags []*tfprotov6.Diagnostic, others ...[]byte) {
	_, _ = io.WriteString(o, details(diags)+"\n")
	for _, other := range others {
		_, _ = o.Write(append(slices.Clone(other), '\n'))
	}
}

func (o *output) expectNoToken(t *testing.T) {
	t.Helper()
	all := o.String()
	if i := strings.Index(all, token); i >= 0 {
		t.Errorf("the output has the token: …%s…", all[max(0, i-300):min(len(all), i+100)])
	}
}
