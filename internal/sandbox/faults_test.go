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

// wantHits sends requests for applications and checks which of them are hit:
// "x" is a hit.
func wantHits(t *testing.T, s *sandbox.Server, want string) {
	t.Helper()
	var got strings.Builder
	for range want {
		hit := "."
		if get(s, "/api/applications").status == http.StatusTeapot {
			hit = "x"
		}
		got.WriteString(hit)
	}
	if got.String() != want {
		t.Errorf("the hits are %s, want %s", got.String(), want)
	}
}

func TestFault_skipAndTimes(t *testing.T) {
	for want, fault := range map[string]sandbox.Fault{
		"x....": {},
		"xx...": {Times: 2},
		"..x..": {Skip: 2},
		".xxx.": {Skip: 1, Times: 3},
		"...xx": {Skip: 3, Times: -1},
		"xxxxx": {Operation: sandbox.OpListApplications, Times: -1},
		".....": {Operation: sandbox.OpGetApplication, Times: -1},
	} {
		s := newServer(t, sandbox.Options{})
		in := s.Inject(teapot(fault))
		wantHits(t, s, want)
		if in.Fired() != strings.Count(want, "x") {
			t.Errorf("%s: fired %d", want, in.Fired())
		}
	}
}

func TestFault_when(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	imports := 0
	in := s.Inject(teapot(sandbox.Fault{Times: -1, When: func(r sandbox.Request) bool {
		imports += len(s.Imports()) // it may use the server
		return r.Authorized && strings.Contains(string(r.Body), fileID) && r.Status == 0 && !r.Processed
	}}))
	stage(t, s, coreID)
	got := post(s, stagePath, stageRequest(fileID))
	if got.status != http.StatusTeapot || in.Fired() != 1 || imports != 1 {
		t.Errorf("got %d, fired %d, counted %d imports", got.status, in.Fired(), imports)
	}
}

// The oldest fault that is not used up hits. The others do not count the
// request.
func TestFault_several(t *testing.T) {
	s := newServer(t, sandbox.Options{})
	s.Inject(teapot(sandbox.Fault{Times: 2}))
	s.Inject(teapot(sandbox.Fault{Skip: 1}))
	wantHits(t, s, "xx.x.")

	first := s.Inject(teapot(sandbox.Fault{Times: -1}))
	second := s.Inject(teapot(sandbox.Fault{Skip: 1, Times: -1}))
	wantHits(t, s, "x")
	first.Remove()
	first.Remove()
	wantHits(t, s, ".x")
	if first.Fired() != 1 || second.Fired() != 1 {
		t.Errorf("fired %d and %d", first.Fired(), second.Fired())
	}
	s.ClearFaults()
	wantHits(t, s, "..")
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
	teapots, gateways := strings.Count(one, "418"), strings.Count(one, "502")
	if fired < 30 || fired > 90 || teapots+gateways != fired || teapots == 0 || gateways == 0 {
		t.Errorf("fired %d: %s", fired, one)
	}
	again, _ := run(1, 0.3)
	other, _ := run(2, 0.3)
	if again != one || other == one {
		t.Error("the faults do not depend on the seed alone")
	}
	if _, fired := run(1, 1); fired != 200 {
		t.Errorf("fired %d at rate 1", fired)
	}
}
