package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// readsPerWait is how often each import is read before it finishes.
const readsPerWait = 5

// waits measures the provider's memory while it waits for n imports at once,
// whose logs have a size. Ten is Terraform's default parallelism.
func waits(n, logSize int) func(context.Context, *bench, int) ([]line, error) {
	return func(ctx context.Context, b *bench, _ int) ([]line, error) {
		srv := serve(applications(n))
		defer srv.close()
		f, err := b.newFolder(ctx, srv.front.URL, importConfig(n)+completionConfig(n))
		if err != nil {
			return nil, err
		}
		l := line{name: fmt.Sprintf("%d waits, %d MiB of log each", n, logSize>>20)}

		waiting, cancel := context.WithCancel(ctx)
		defer cancel()
		peak := watchMemory(b.mirror())
		applied := make(chan error, 1)
		go func() {
			var err error
			l.ours, err = f.run(ctx, apply...)
			cancel()
			applied <- err
		}()
		err = srv.finishAfterReads(waiting, n, buildLog(logSize))
		srv.ReleaseBuilds()
		err = errors.Join(<-applied, err)
		l.memory = peak()
		l.requests = srv.requests()
		return []line{l}, err
	}
}

// completionConfig waits for each import of importConfig.
func completionConfig(n int) string {
	return fmt.Sprintf(`
resource "permissionassist_application_import_completion" "each" {
  count     = %d
  import_id = permissionassist_application_import.each[count.index].id

  timeouts {
    create = "10m"
  }
}
`, n)
}

// finishAfterReads returns when n imports were staged and each of them was read
// several times with the log.
func (s *server) finishAfterReads(ctx context.Context, n int, log string) error {
	if err := s.AwaitCount(ctx, sandbox.OpStage, n); err != nil {
		return err
	}
	// The responses are prepared, because encoding 8 MiB for each read would take
	// CPU time from the provider.
	for _, i := range s.Imports() {
		s.UpdateImport(i.ID, func(i *sandbox.Import) { i.Log = log })
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/application-imports/"+i.ID, http.NoBody)
		r.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
		w := httptest.NewRecorder()
		s.Server.ServeHTTP(w, r)
		s.UpdateImport(i.ID, func(i *sandbox.Import) { i.Log = "" })
		s.Inject(sandbox.Fault{
			Operation: sandbox.OpGetImport,
			When:      func(r sandbox.Request) bool { return path.Base(r.Path) == i.ID },
			Times:     -1,
			Action:    sandbox.Respond(w.Code, "application/json", w.Body.String()),
		})
	}
	s.ResetRequests()
	err := s.AwaitCount(ctx, sandbox.OpGetImport, n*readsPerWait)
	s.ClearFaults()
	return err
}

// buildLog returns a log of the size, with characters that JSON must escape.
func buildLog(size int) string {
	var b strings.Builder
	for row := 0; b.Len() < size; row++ {
		fmt.Fprintf(&b, "2026-02-20 08:15:00 [INF] Row %d: added \"Teller %04x\" to the group <Branch %d>\n", row, 7919*row%65536, row%97)
	}
	return b.String()[:size]
}
