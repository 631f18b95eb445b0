package sandbox

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"
)

// Fault says which requests go wrong and how.
type Fault struct {
	// Name is what Request.Fault tells; "" is the action's own name.
	Name string
	// Operation is what requests must ask for; "" is any.
	Operation Operation
	// When is a further condition on requests that match Operation. It sees the
	// request as it arrived. It is never called twice at once and may use the
	// server, but not Inject and its siblings.
	When func(Request) bool
	// Skip lets that many matching requests through before the first is hit.
	Skip int
	// Times is how many requests are hit: 0 is one, -1 is all of them.
	Times int
	// Processed has the API handle the request before its answer is spoiled.
	// Without it the API never sees the request. Delay and Rewrite pass the
	// API's answer on, so they have it handled in any case.
	Processed bool
	// Late, with Processed, has the API handle the request only this long after
	// the client was answered or cut off or, with Hang, has given up. With
	// Delay and Rewrite it means nothing.
	Late time.Duration
	// Action is what the client gets; the zero Action is CloseConnection.
	Action Action
}

func (f *Fault) matches(r Request) bool {
	return (f.Operation == "" || f.Operation == r.Operation) && (f.When == nil || f.When(r))
}

// Injected is a fault, or a set of them, that a server was given.
type Injected struct {
	server *Server
	faults []Fault
	fired  atomic.Int64
	// The rest is guarded by the server's faultsMu.
	skip, left int        // left is -1 without a limit
	random     *rand.Rand // nil if the fault is not left to chance
	rate       float64
}

// Fired returns how many requests were hit.
func (in *Injected) Fired() int { return int(in.fired.Load()) }

// Remove ends the fault. What was hit already goes on.
func (in *Injected) Remove() {
	in.server.faultsMu.Lock()
	defer in.server.faultsMu.Unlock()
	in.server.faults = slices.DeleteFunc(in.server.faults, func(other *Injected) bool { return other == in })
}

// Inject adds a fault. If several match a request, the one that was added first
// and is not used up hits it, and the later ones do not count the request.
func (s *Server) Inject(f Fault) *Injected {
	return s.inject(&Injected{server: s, faults: []Fault{f}, skip: f.Skip, left: cmp.Or(f.Times, 1)})
}

// InjectRandom has requests that match at least one of the faults hit at random
// by one of those, at the given rate between 0 and 1. The same seed and the same
// sequence of requests give the same faults. Skip and Times are not looked at.
func (s *Server) InjectRandom(seed uint64, rate float64, faults ...Fault) *Injected {
	return s.inject(&Injected{
		server: s, faults: slices.Clone(faults), left: -1, rate: rate,
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

// pickFault returns the fault that hits a request, or nil.
func (s *Server) pickFault(r Request) *Fault {
	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()
	for _, in := range s.faults {
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
	// Both numbers are drawn for each request, so that what one request gets
	// does not depend on which faults matched those before it.
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
