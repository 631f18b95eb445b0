package sandbox

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"
)

// Fault selects requests and how they fail.
type Fault struct {
	// Name is recorded in Request.Fault.
	Name string
	// Operation selects requests by operation; "" matches all.
	Operation Operation
	// When is another condition on requests that match Operation. It gets the
	// request as it arrived. Calls never overlap; When may use the server,
	// except for Inject, InjectRandom, ClearFaults and Remove.
	When func(Request) bool
	// Skip is how many matching requests pass before the first is hit.
	Skip int
	// Times is how many requests are hit: 0 is one, -1 is all of them.
	Times int
	// Processed lets the API handle the request before the fault. Without it,
	// the API never sees the request. Delay and Rewrite need the API's
	// response, so with them the API always handles the request.
	Processed bool
	// HalfUpload selects uploads when half of their body was read: the other half
	// never is, and the API handles what was read as if it were all. When then
	// gets a request without a body and header. InjectRandom ignores such faults.
	HalfUpload bool
	// Late, with Processed, delays handling: it starts this long after the
	// client got a response, was cut off or, with Hang, gave up. Delay and
	// Rewrite ignore it.
	Late time.Duration
	// Action replaces the API's response; the zero Action is CloseConnection.
	Action Action
}

func (f *Fault) matches(r Request) bool {
	return (f.Operation == "" || f.Operation == r.Operation) && (f.When == nil || f.When(r))
}

// Injected is a fault, or a set of faults, that was added to a server.
type Injected struct {
	server *Server
	faults []Fault
	fired  atomic.Int64
	// The rest is guarded by the server's faultsMu.
	skip, left int        // left is -1 without a limit
	random     *rand.Rand // nil if the fault is not random
	rate       float64
}

// Fired returns how many requests were hit.
func (in *Injected) Fired() int { return int(in.fired.Load()) }

// Remove ends the fault. Requests that it already hit are not affected.
func (in *Injected) Remove() {
	in.server.faultsMu.Lock()
	defer in.server.faultsMu.Unlock()
	in.server.faults = slices.DeleteFunc(in.server.faults, func(other *Injected) bool { return other == in })
}

// Inject adds a fault. If several faults match a request, it is hit by the
// oldest fault that is not used up; the other faults do not count it.
func (s *Server) Inject(f Fault) *Injected {
	return s.inject(&Injected{server: s, faults: []Fault{f}, skip: f.Skip, left: cmp.Or(f.Times, 1)})
}

// InjectRandom hits matching requests at random, at a rate between 0 and 1,
// with one of the matching faults. The same seed and sequence of requests
// produce the same faults. Skip and Times are ignored.
func (s *Server) InjectRandom(seed uint64, rate float64, faults ...Fault) *Injected {
	return s.inject(&Injected{
		server: s, left: -1, rate: rate,
		faults: slices.DeleteFunc(slices.Clone(faults), func(f Fault) bool { return f.HalfUpload }),
		random: rand.New(rand.NewPCG(seed, seed)),
	})
}

func (s *Server) inject(in *Injected) *Injected {
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	s.faults = append(s.faults, in)
	return in
}

// ClearFaults ends all faults.
func (s *Server) ClearFaults() {
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	s.faults = nil
}

// pickFault returns the fault that hits a request, or nil. halfUpload selects
// among the faults that hit half an upload.
func (s *Server) pickFault(r Request, halfUpload bool) *Fault {
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	for _, in := range s.faults {
		if in.faults[0].HalfUpload != halfUpload {
			continue
		}
		if f := in.pick(r); f != nil {
			in.fired.Add(1)
			return f
		}
	}
	return nil
}

func (in *Injected) pick(r Request) *Fault {
	if in.random != nil {
		return in.pickRandom(r)
	}
	f := &in.faults[0]
	switch {
	case in.left == 0 || !f.matches(r):
		return nil
	case in.skip > 0:
		in.skip--
		return nil
	case in.left > 0:
		in.left--
	}
	return f
}

func (in *Injected) pickRandom(r Request) *Fault {
	// Both numbers are drawn for each request, so that its fault does not
	// depend on which faults matched earlier requests.
	chance, choice := in.random.Float64(), in.random.Uint64()
	var matching []*Fault
	for n := range in.faults {
		if in.faults[n].matches(r) {
			matching = append(matching, &in.faults[n])
		}
	}
	if len(matching) == 0 || chance >= in.rate {
		return nil
	}
	return matching[choice%uint64(len(matching))]
}
