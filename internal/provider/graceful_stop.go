package provider

import (
	"context"
	"iter"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// On Ctrl-C, Terraform calls StopProvider. That must not lose the last
// diagnostics of an action or a list. The framework ends the contexts of all
// calls. After the response, plugin-go ends its streams and drops everything that
// they still send, such as the number of an import that an action has just
// staged. So the response waits until the streams have ended.

// stopPatience is how long the streams may take to end. The request timeout
// bounds a POST that is under way, and 2 seconds bound the search for its import
// after an interrupt. With a request timeout close to stopPatience or above, the
// number of the import can get lost.
const stopPatience = 2 * time.Minute

func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	resp, err := s.fullServer.StopProvider(ctx, req)

	// A stream never ends if Terraform no longer reads it.
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()

	for _, ended := range s.openStreams() {
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}
	return resp, err
}

func (s *server) openStreams() []chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()

	all := make([]chan struct{}, 0, len(s.streams))
	for ended := range s.streams {
		all = append(all, ended)
	}
	return all
}

// tracked registers a stream until it ends.
func tracked[T any](s *server, stream iter.Seq[T]) iter.Seq[T] {
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
