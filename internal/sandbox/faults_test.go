package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

// teapot returns a fault with a status that nothing else sends.
func teapot(f sandbox.Fault) sandbox.Fault {
	f.Action = sandbox.Respond(http.StatusTeapot, "text/plain", "")
	return f
}

// hits sends n requests for applications and returns which of them were hit.
func hits(s *sandbox.Server, n int) string {
	var b strings.Builder
	for range n {
		hit := "."
		if get(s, "/api/applications").status == http.StatusTeapot {
			hit = "x"
		}
		b.WriteString(hit)
	}
	return b.String()
}

func TestFaultSkipAndTimes(t *testing.T) {
	for _, tc := range []struct {
		fault sandbox.Fault
		want  string
	}{
		{sandbox.Fault{}, "x....."},
		{sandbox.Fault{Times: 2}, "xx...."},
		{sandbox.Fault{Skip: 2}, "..x..."},
		{sandbox.Fault{Skip: 1, Times: 3}, ".xxx.."},
		{sandbox.Fault{Skip: 4, Times: -1}, "....xx"},
		{sandbox.Fault{Operation: sandbox.OpListApplications, Times: -1}, "xxxxxx"},
		{sandbox.Fault{Operation: sandbox.OpGetApplication, Times: -1}, "......"},
	} {
		s := newServer(t, sandbox.Options{})
		in := s.Inject(teapot(tc.fault))
		got := hits(s, 6)
		if got != tc.want || in.Fired() != strings.Count(tc.want, "x") {
			t.Errorf("%+v: %s, fired %d, want %s", tc.fault, got, in.Fired(), tc.want)
		}
	}
}

func TestFaultWhen(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	imports := 0
	in := s.Inject(teapot(sandbox.Fault{Times: -1, When: func(r sandbox.Request) bool {
		imports += len(s.Imports()) // it may use the server
		return r.Authorized && strings.Contains(string(r.Body), fileID) && r.Status == 0 && !r.Processed
	}}))
	stage(t, s, coreID)
	got := post(s, "/api/application-imports/stage", `{"applicationId":"`+fileID+`"}`)
	if got.status != http.StatusTeapot || in.Fired() != 1 || imports != 1 {
		t.Errorf("got %d, fired %d, counted %d imports", got.status, in.Fired(), imports)
	}
}

func TestFaultsTakeTurns(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	first := s.Inject(teapot(sandbox.Fault{Times: 2}))
	second := s.Inject(teapot(sandbox.Fault{Skip: 1}))
	if got := hits(s, 5); got != "xx.x." || first.Fired() != 2 || second.Fired() != 1 {
		t.Errorf("got %s", got)
	}
}

func TestFaultRemove(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	first := s.Inject(teapot(sandbox.Fault{Times: -1}))
	second := s.Inject(teapot(sandbox.Fault{Skip: 1, Times: -1}))
	hits(s, 1)
	first.Remove()
	first.Remove()
	if got := hits(s, 2); got != ".x" || first.Fired() != 1 || second.Fired() != 1 {
		t.Errorf("got %s", got)
	}
	s.ClearFaults()
	if got := hits(s, 2); got != ".." {
		t.Errorf("cleared: %s", got)
	}
}

func TestFaultRecord(t *testing.T) {
	s := heldServer(t, sandbox.Options{})
	s.Inject(sandbox.Fault{Name: "bad gateway", Action: sandbox.Respond(http.StatusBadGateway, "", "")})
	s.Inject(sandbox.Fault{Processed: true, Action: sandbox.Respond(http.StatusBadGateway, "", "")})
	for range 3 {
		post(s, "/api/application-imports/stage", `{"applicationId":"`+coreID+`"}`)
	}
	var got []string
	for _, r := range s.Requests() {
		got = append(got, fmt.Sprintf("%s %d %v", r.Fault, r.Status, r.Processed))
	}
	want := "[bad gateway 502 false, Respond502 502 true,  201 true]"
	if text := "[" + strings.Join(got, ", ") + "]"; text != want {
		t.Errorf("recorded %s, want %s", text, want)
	}
	if n := len(s.Imports()); n != 2 {
		t.Errorf("%d imports, want 2", n)
	}
}

func TestInjectRandom(t *testing.T) {
	run := func(seed uint64, rate float64) (string, int) {
		s := newServer(t, sandbox.Options{})
		in := s.InjectRandom(seed, rate,
			sandbox.Fault{Operation: sandbox.OpListApplications, Action: sandbox.Respond(http.StatusTeapot, "", "")},
			sandbox.Fault{Operation: sandbox.OpListApplications, Action: sandbox.Respond(http.StatusBadGateway, "", "")},
			sandbox.Fault{Operation: sandbox.OpGetApplication, Action: sandbox.Respond(http.StatusGone, "", "")})
		var b strings.Builder
		for range 200 {
			fmt.Fprint(&b, get(s, "/api/applications").status, " ")
		}
		return b.String(), in.Fired()
	}
	one, fired := run(1, 0.3)
	if fired < 30 || fired > 90 || strings.Count(one, "418")+strings.Count(one, "502") != fired ||
		!strings.Contains(one, "418") || !strings.Contains(one, "502") {
		t.Errorf("fired %d: %s", fired, one)
	}
	if again, _ := run(1, 0.3); again != one {
		t.Error("the same seed produced other faults")
	}
	if other, _ := run(2, 0.3); other == one {
		t.Error("another seed produced the same faults")
	}
	if _, fired := run(1, 0); fired != 0 {
		t.Errorf("fired %d at rate 0", fired)
	}
	if _, fired := run(1, 1); fired != 200 {
		t.Errorf("fired %d at rate 1", fired)
	}
}
