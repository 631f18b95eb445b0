package sandbox

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"
)

// maxRequests bounds the record of a server that runs for long. Counts go on.
const maxRequests = 20_000

// Operation is what a request asks for.
type Operation string

// The operations of the API that the server knows. OpOther is any other path
// or method.
const (
	OpStage            Operation = "Stage"
	OpCancel           Operation = "Cancel"
	OpUpload           Operation = "Upload"
	OpListImports      Operation = "ListImports"
	OpGetImport        Operation = "GetImport"
	OpListApplications Operation = "ListApplications"
	OpGetApplication   Operation = "GetApplication"
	OpOther            Operation = "Other"
)

// Request is the record of a request that has arrived as a whole.
type Request struct {
	Operation Operation
	Method    string
	// Path is decoded, RawQuery is not.
	Path, RawQuery string
	Host           string
	// Header is without the Authorization header, whose value is not kept.
	Header http.Header
	// Authorized says whether the request had the right token.
	Authorized bool
	// Body is there for JSON requests, up to 1 MiB.
	Body []byte
	// Status is the answer's, 0 while there is none and if there never was.
	Status int
	// CorrelationID is the one in the answer, if it was an error's envelope.
	CorrelationID string
	// Fault is the name of the fault that hit the request, if one did.
	Fault string
	// Processed says whether the API has handled the request, whatever the
	// outcome and whatever the client got to see of it.
	Processed bool
	// Time is when the request had arrived.
	Time time.Time
}

func (r Request) clone() Request {
	r.Header = r.Header.Clone()
	r.Body = slices.Clone(r.Body)
	return r
}

// Requests returns the recorded requests in the order of their arrival, at most
// the last 20,000.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Request, len(s.requests))
	for i, r := range s.requests {
		all[i] = r.clone()
	}
	return all
}

// ResetRequests forgets the recorded requests and their counts.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
	clear(s.counts)
}

// Count returns how many requests for op have arrived; for "" it is all of them.
func (s *Server) Count(op Operation) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[op]
}

// Counts returns how many requests have arrived for each operation, as far as
// there were any.
func (s *Server) Counts() map[Operation]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := maps.Clone(s.counts)
	delete(counts, "")
	return counts
}

// AwaitCount waits until at least n requests for op have arrived ("" counts all
// of them), so that a test can act while a request hangs.
func (s *Server) AwaitCount(ctx context.Context, op Operation, n int) error {
	return s.await(ctx, func() bool { return s.counts[op] >= n })
}

func (s *Server) addRequest(r Request) *Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := r.clone()
	if len(s.requests) >= maxRequests {
		s.requests = slices.Delete(s.requests, 0, maxRequests/2)
	}
	s.requests = append(s.requests, &kept)
	s.counts[r.Operation]++
	s.counts[""]++
	s.notify()
	return &kept
}

// requestNow returns a copy of a record, which work that is done late may still
// change.
func (s *Server) requestNow(r *Request) Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.clone()
}
