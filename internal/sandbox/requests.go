package sandbox

import (
	"context"
	"net/http"
	"time"
)

// Operation is an operation of the API.
type Operation string

// The operations that the server supports. OpOther is any other path or method.
const (
	OpStage               Operation = "Stage"
	OpCancel              Operation = "Cancel"
	OpUpload              Operation = "Upload"
	OpListImports         Operation = "ListImports"
	OpGetImport           Operation = "GetImport"
	OpListApplications    Operation = "ListApplications"
	OpGetApplication      Operation = "GetApplication"
	OpListIdentities      Operation = "ListIdentities"
	OpListAccessRequests  Operation = "ListAccessRequests"
	OpGetAccessRequest    Operation = "GetAccessRequest"
	OpListPersonnelEvents Operation = "ListPersonnelEvents"
	OpGetPersonnelEvent   Operation = "GetPersonnelEvent"
	OpOther               Operation = "Other"
)

// Request is the record of a request that was read completely.
type Request struct {
	Operation Operation
	Method    string
	// Path is decoded, RawQuery is not.
	Path, RawQuery string
	Host           string
	// Header lacks Authorization, whose value is not kept.
	Header http.Header
	// Authorized is true if the request had the accepted token.
	Authorized bool
	// Body is set for JSON requests, up to 1 MiB.
	Body []byte
	// Status is the response's; 0 before and without a response.
	Status int
	// CorrelationID is set if the response was the API's error envelope.
	CorrelationID string
	// Fault is the name of the fault that hit the request, if any.
	Fault string
	// Processed is true if the API handled the request, with any outcome, even
	// if the client never saw the response.
	Processed bool
	// Time is when the request was read completely.
	Time time.Time
}

// Requests returns the recorded requests, oldest first.
func (s *Server) Requests() []Request { return copies(s, &s.requests) }

// ResetRequests forgets the recorded requests.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// Count returns how many requests for op have arrived; for "" it is all of
// them.
func (s *Server) Count(op Operation) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count(op)
}

func (s *Server) count(op Operation) int {
	n := 0
	for _, r := range s.requests {
		if op == "" || r.Operation == op {
			n++
		}
	}
	return n
}

// Counts returns how many requests have arrived for each operation.
func (s *Server) Counts() map[Operation]int {
	counts := map[Operation]int{}
	for _, r := range s.Requests() {
		counts[r.Operation]++
	}
	return counts
}

// AwaitCount waits until at least n requests for op have arrived ("" counts all
// of them), so that a test can act while a request hangs.
func (s *Server) AwaitCount(ctx context.Context, op Operation, n int) error {
	return s.await(ctx, func() bool { return s.count(op) >= n })
}

func (s *Server) addRequest(r Request) *Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, &r)
	s.notify()
	return &r
}
