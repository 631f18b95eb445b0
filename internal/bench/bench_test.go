package bench

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

func TestRatiosAreOfTheSameRun(t *testing.T) {
	t.Parallel()

	// A machine that was twice as slow in the second run.
	ours := []time.Duration{time.Second, 2 * time.Second, time.Second}
	floors := []time.Duration{2 * time.Second, 4 * time.Second, 2 * time.Second}
	if got := medianRatio(ours, floors); got != 0.5 {
		t.Errorf("the ratio is %v, want 0.5", got)
	}
	if got := median([]int{9, 1, 5}); got != 5 {
		t.Errorf("the median is %d, want 5", got)
	}
}

func TestAlternate(t *testing.T) {
	t.Parallel()

	var order []int
	for round := range 2 {
		if err := alternate(round, 3, func(i int) error { order = append(order, i); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for at, want := range []int{0, 1, 2, 2, 1, 0} {
		if order[at] != want {
			t.Fatalf("the order is %v", order)
		}
	}
}

func TestReportCountsMissedGoals(t *testing.T) {
	t.Parallel()

	r := Report{Machine: [][2]string{{"CPU", "one"}}, Runs: 3, Sections: []Section{
		{Title: "A", Note: "Two rows.", Header: []string{"what", "goal", ""}, Rows: [][]string{{"x", "≤ 1", met(true)}, {"yy", "≤ 1", met(false)}}},
		{Title: "B", Note: "SKIPPED: there is no curl."},
	}}
	if got := r.Missed(); got != 1 {
		t.Errorf("%d goals missed, want 1", got)
	}
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| CPU           | one |", "| yy   | ≤ 1  | **missed** |", "## B\n\nSKIPPED"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
}

func TestCompletions(t *testing.T) {
	t.Parallel()

	at := completions(strings.NewReader(`{"type":"version"}
not JSON
{"type":"apply_progress","hook":{"id_value":"a"}}
{"type":"apply_complete","hook":{"id_key":"id","id_value":"b"}}
`))
	if at["b"].IsZero() || !maps.Equal(at, map[string]time.Time{"b": at["b"]}) {
		t.Errorf("complete are %v, want b", at)
	}
}

// slowWriter returns from Flush long after the client has the response.
type slowWriter struct {
	http.ResponseWriter

	flushed, release chan struct{}
}

func (w slowWriter) Flush() {
	close(w.flushed)
	<-w.release
}

// A client can have its response before the request is recorded: finished waits
// for that.
func TestFinishedIncludesEveryResponse(t *testing.T) {
	t.Parallel()

	srv := serve(sandbox.Options{Applications: applications(1)})
	defer srv.close()

	w := slowWriter{httptest.NewRecorder(), make(chan struct{}), make(chan struct{})}
	go srv.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/application-imports/upload", http.NoBody))
	<-w.flushed

	uploads := make(chan []exchange, 1)
	go func() { uploads <- srv.finished(sandbox.OpUpload) }()
	for range 1000 {
		runtime.Gosched()
	}
	close(w.release)

	if got := <-uploads; len(got) != 1 || got[0].began.IsZero() {
		t.Errorf("%d uploads: %v", len(got), got)
	}
}
