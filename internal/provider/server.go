package provider

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns a function that makes the provider's server, as
// tf6server.Serve wants it. version and commit name the build.
func NewServer(version, commit string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		inner := providerserver.NewProtocol6(New(version, commit)())()

		full, ok := inner.(fullServer)
		if !ok {
			panic(fmt.Sprintf("the framework's server %T lacks actions or list resources", inner))
		}

		return &server{fullServer: full, streams: map[chan struct{}]bool{}}
	}
}

// fullServer is all that the framework's server can do.
type fullServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
}

// server sees to it that what an action or a list says after Ctrl-C still gets
// to Terraform. Terraform then asks the provider to stop. The framework ends
// the contexts of all calls, and plugin-go, once the framework has answered,
// those of its own: from then on it drops everything that a stream has to say,
// the closing diagnostics too, such as the number of an import that an action
// has just staged. So the answer is held back until the streams have ended.
type server struct {
	fullServer

	mu sync.Mutex
	// streams has a channel for each stream; it is closed when the stream ends.
	streams map[chan struct{}]bool
}

// InvokeAction implements tfprotov6.ActionServer.
func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	resp, err := s.fullServer.InvokeAction(ctx, req)
	if err == nil {
		resp.Events = streamed(s, resp.Events)
	}

	return resp, err
}

// ListResource implements tfprotov6.ListResourceServer.
func (s *server) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	resp, err := s.fullServer.ListResource(ctx, req)
	if err == nil {
		resp.Results = streamed(s, resp.Results)
	}

	return resp, err
}

// stopPatience is how long the streams have to end once they are stopped. A POST
// that is on its way then, and the search for what became of it, are bounded by
// the request time-out.
const stopPatience = 2 * time.Minute

// StopProvider implements tfprotov6.ProviderServer.
func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	resp, err := s.fullServer.StopProvider(ctx, req)

	// A Terraform that no longer listens holds a stream up for good.
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()

	for _, ended := range s.open() {
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}

	return resp, err
}

// open are the streams that have not ended.
func (s *server) open() []chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()

	all := make([]chan struct{}, 0, len(s.streams))
	for ended := range s.streams {
		all = append(all, ended)
	}

	return all
}

// streamed keeps account of a stream.
func streamed[T any](s *server, stream iter.Seq[T]) iter.Seq[T] {
	return func(push func(T) bool) {
		ended := make(chan struct{})

		s.mu.Lock()
		s.streams[ended] = true
		s.mu.Unlock()

		defer func() {
			s.mu.Lock()
			delete(s.streams, ended)
			s.mu.Unlock()
			close(ended)
		}()

		stream(push)
	}
}
