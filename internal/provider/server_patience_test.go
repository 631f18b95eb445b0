package provider

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// stopped is a fake server that only implements StopProvider.
type stopped struct{ fullServer }

func (stopped) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

// StopProvider waits for a stream that never ends for stopPatience, and no
// longer.
func TestServer_stopPatience(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s := &server{fullServer: stopped{}, streams: map[chan struct{}]bool{make(chan struct{}): true}}
		start := time.Now()

		if _, err := s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
			t.Error(err)
		}

		if took := time.Since(start); took != stopPatience {
			t.Errorf("the stop took %s, want %s", took, stopPatience)
		}
	})
}
