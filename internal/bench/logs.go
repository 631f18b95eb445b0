package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	logSize         = 8 << 20
	logWaits        = 10 // Terraform's default parallelism
	logReads        = 5  // for each import
	logMemoryAtMost = 256 << 20
)

// logs measures the provider's memory while it waits for imports with long logs.
func logs(ctx context.Context, b *bench) (Section, error) {
	s := Section{
		Title: "Waiting for imports with long logs",
		Note: fmt.Sprintf("%d resources wait at once for imports, each of which is read %d times. Peak memory is that of the provider's process "+
			"(VmHWM, Linux only). CPU is that of Terraform and the provider. One run.", logWaits, logReads),
		Header: []string{"log of each import", "peak memory", "goal", "", "reads", "apply", "CPU"},
	}
	for _, c := range []struct {
		name       string
		log        string
		compressed bool
	}{
		{name: "none"},
		{name: mebibytes(logSize), log: buildLog(logSize)},
		{name: mebibytes(logSize) + ", gzip", log: buildLog(logSize), compressed: true},
	} {
		b.logf("log: %s", c.name)
		row, err := b.waitWithLogs(ctx, c.log, c.compressed)
		if err != nil {
			return s, err
		}
		s.Rows = append(s.Rows, append([]string{c.name}, row...))
	}
	return s, nil
}

func (b *bench) waitWithLogs(ctx context.Context, log string, compressed bool) ([]string, error) {
	srv := serve(sandbox.Options{Applications: applications(logWaits)})
	defer srv.close()
	srv.HoldBuilds()
	f, err := b.newFolder(ctx, waitConfig(logWaits))
	if err != nil {
		return nil, err
	}
	f.use(srv.url())

	reads := 0
	peak := watchMemory(b.mirror())
	took, err := f.applyWhile(ctx, srv, func(ctx context.Context) error {
		if err := srv.AwaitCount(ctx, sandbox.OpStage, logWaits); err != nil {
			return err
		}
		srv.finished(sandbox.OpStage) // all of them exist by now
		if err := srv.serveLogs(ctx, log, compressed); err != nil {
			return err
		}
		srv.reset()
		err := srv.AwaitCount(ctx, sandbox.OpGetImport, logWaits*logReads)
		reads = len(srv.finished(sandbox.OpGetImport))
		srv.ClearFaults()
		return err
	})
	memory := peak()
	if err != nil {
		return nil, err
	}
	return []string{
		memoryText(memory), "≤ " + mebibytes(logMemoryAtMost), metMemory(memory, logMemoryAtMost), fmt.Sprint(reads),
		seconds(took.wall), seconds(took.cpu),
	}, nil
}

// serveLogs adds a log to every import that is read. The responses are
// prepared: encoding and compressing 8 MiB for each read would take CPU time
// from the provider.
func (s *server) serveLogs(ctx context.Context, log string, compressed bool) error {
	for _, i := range s.Imports() {
		s.UpdateImport(i.ID, func(i *sandbox.Import) { i.Log = log })
		body, err := s.get(ctx, "/api/application-imports/"+i.ID)
		s.UpdateImport(i.ID, func(i *sandbox.Import) { i.Log = "" })
		if err != nil {
			return err
		}
		var header []string
		if compressed {
			if body, err = compress(body); err != nil {
				return err
			}
			header = append(header, "Content-Encoding: gzip")
		}
		s.Inject(sandbox.Fault{
			Operation: sandbox.OpGetImport,
			When:      func(r sandbox.Request) bool { return path.Base(r.Path) == i.ID },
			Times:     -1,
			Action:    sandbox.Respond(http.StatusOK, "application/json", string(body), header...),
		})
	}
	return nil
}

func compress(b []byte) ([]byte, error) {
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	err := w.Close()
	return compressed.Bytes(), err
}

// buildLog returns a log of the size, with characters that JSON must escape.
func buildLog(size int) string {
	var b strings.Builder
	start := time.Date(2026, time.February, 20, 8, 15, 0, 0, time.UTC)
	for row := 0; b.Len() < size; row++ {
		at := start.Add(time.Duration(row) * 10 * time.Millisecond)
		fmt.Fprintf(&b, "%s [INF] Row %d: added \"Teller %04x\" to the group <Branch %d>\n",
			at.Format(time.DateTime), row, 7919*row%65536, row%97)
	}
	return b.String()[:size]
}
