package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// queue is a number of imports to wait for.
type queue struct {
	n           int
	build       time.Duration
	parallelism int
}

// How long a wait may go on after the end of its import: a tenth of the wait, and
// at least 750 ms.
const (
	minOvershoot   = 750 * time.Millisecond
	overshootShare = 0.1
)

// waits measures how long after the end of an import Terraform reports it.
func waits(ctx context.Context, b *bench) (Section, error) {
	s := Section{
		Title: "Waiting",
		Note: "Waiting for imports that the server builds one at a time. Noticed is the time from the end of an import to " +
			"Terraform's line about it; the limit is a tenth of the wait, and at least 0.75 s. One run; the figures are those of its imports.",
		Header: []string{
			"imports", "build", "parallelism", "apply", "builds alone", "longest wait", "noticed: median", "most", "of the limit", "goal", "",
			"reads per import: median", "most",
		},
	}
	queues := []queue{{10, 200 * time.Millisecond, 10}, {2, 3 * time.Second, 10}}
	if b.Full {
		queues = []queue{{50, 200 * time.Millisecond, 10}, {50, 200 * time.Millisecond, 50}, {5, 20 * time.Second, 10}}
	}
	for _, q := range queues {
		b.logf("%d imports of %s", q.n, q.build)
		row, err := b.wait(ctx, q)
		if err != nil {
			return s, err
		}
		s.Rows = append(s.Rows, row)
	}
	return s, nil
}

func (b *bench) wait(ctx context.Context, q queue) ([]string, error) {
	srv := serve(sandbox.Options{Applications: applications(q.n), BuildTime: q.build})
	defer srv.close()
	f, err := b.newFolder(ctx, waitConfig(q.n))
	if err != nil {
		return nil, err
	}
	f.use(srv.url())

	lines, output := io.Pipe()
	noticed := make(chan map[string]time.Time, 1)
	go func() { noticed <- completions(lines) }()
	took, err := f.terraformTo(ctx, output, append(applyJSON, fmt.Sprintf("-parallelism=%d", q.parallelism))...)
	_ = output.Close()
	at := <-noticed
	if err != nil {
		return nil, err
	}
	w, err := newWaited(srv, at)
	if err != nil {
		return nil, err
	}
	return []string{
		fmt.Sprint(q.n), q.build.String(), fmt.Sprint(q.parallelism), seconds(took.wall), seconds(time.Duration(q.n) * q.build),
		seconds(w.longest), seconds(median(w.overshoots)), seconds(largest(w.overshoots)), fmt.Sprintf("%.0f%%", 100*largest(w.shares)),
		"≤ 100%", met(largest(w.shares) <= 1), fmt.Sprint(median(w.reads)), fmt.Sprint(largest(w.reads)),
	}, nil
}

// waitConfig returns a configuration that waits for n imports.
func waitConfig(n int) string {
	return fmt.Sprintf(`%s
resource "permissionassist_application_import" "each" {
  count               = %d
  application_id      = %s
  wait_for_completion = true
}
`, requirePermissionAssist, n, countedID)
}

// completions returns when Terraform reported each import as complete, by ID.
func completions(lines io.Reader) map[string]time.Time {
	all := map[string]time.Time{}
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		now := time.Now()
		var line struct {
			Type string `json:"type"`
			Hook struct {
				ID string `json:"id_value"`
			} `json:"hook"`
		}
		if json.Unmarshal(scanner.Bytes(), &line) == nil && line.Type == "apply_complete" {
			all[line.Hook.ID] = now
		}
	}
	_, _ = io.Copy(io.Discard, lines)
	return all
}

// waited is how the waits for a queue of imports went.
type waited struct {
	longest    time.Duration
	overshoots []time.Duration
	// shares are the overshoots as shares of their limits.
	shares []float64
	reads  []int
}

func newWaited(srv *server, noticed map[string]time.Time) (*waited, error) {
	staged := map[string]time.Time{}
	for _, e := range srv.finished(sandbox.OpStage) {
		var body struct {
			ApplicationID string `json:"applicationId"`
		}
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return nil, err
		}
		staged[body.ApplicationID] = e.ended
	}
	reads := map[string]int{}
	for _, e := range srv.finished(sandbox.OpGetImport) {
		reads[path.Base(e.Path)]++
	}

	var w waited
	for _, imp := range srv.Imports() {
		at, ok := noticed[imp.ID]
		if !ok || imp.BuildEnd == nil {
			return nil, errors.New("some imports were not reported as complete by Terraform")
		}
		wait := imp.BuildEnd.Sub(staged[imp.ApplicationID])
		overshoot := at.Sub(*imp.BuildEnd)
		limit := max(minOvershoot, time.Duration(overshootShare*float64(wait)))
		w.longest = max(w.longest, wait)
		w.overshoots = append(w.overshoots, overshoot)
		w.shares = append(w.shares, float64(overshoot)/float64(limit))
		w.reads = append(w.reads, reads[imp.ID])
	}
	return &w, nil
}
