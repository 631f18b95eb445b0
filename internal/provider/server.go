package provider

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns a function that creates the provider's server, for
// tf6server.Serve. version and commit identify the build. secrets learns the
// token when the provider is configured.
func NewServer(version, commit string, secrets *Secrets) func() tfprotov6.ProviderServer {
	return newServer(&permissionAssistProvider{version: version, commit: commit, secrets: secrets})
}

func newServer(p *permissionAssistProvider) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		inner := providerserver.NewProtocol6(p)()

		full, ok := inner.(fullServer)
		if !ok {
			panic(fmt.Sprintf("the framework's server %T lacks actions or list resources", inner))
		}

		return &server{fullServer: full, secrets: p.secrets, streams: map[chan struct{}]bool{}}
	}
}

// fullServer has all methods of the framework's server.
type fullServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
}

// server adds two rules to the framework's server: no diagnostic quotes a
// secret (this file), and stopping waits for the streams (graceful_stop.go).
type server struct {
	fullServer

	secrets *Secrets

	mu sync.Mutex
	// streams has a channel for each open stream, which is closed when the
	// stream ends.
	streams map[chan struct{}]bool
}

// hideSecrets calls the framework and removes secrets from the response's
// diagnostics, including those of the framework and of libraries, which quote
// values, too. Every response has its diagnostics in a field named Diagnostics.
func hideSecrets[Q, R any](ctx context.Context, s *server, req *Q, call func(context.Context, *Q) (*R, error)) (*R, error) {
	resp, err := call(ctx, req)
	if resp != nil {
		diagnostics, _ := reflect.ValueOf(resp).Elem().FieldByName("Diagnostics").Interface().([]*tfprotov6.Diagnostic)
		s.secrets.hideIn(diagnostics)
	}

	return resp, err
}

func (s *server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.ValidateProviderConfig)
}

func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.ConfigureProvider)
}

func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.ValidateResourceConfig)
}

func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.ReadResource)
}

func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.PlanResourceChange)
}

func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.ApplyResourceChange)
}

func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.ImportResourceState)
}

func (s *server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.ValidateDataResourceConfig)
}

func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.ReadDataSource)
}

func (s *server) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.ValidateActionConfig)
}

func (s *server) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.PlanAction)
}

func (s *server) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return hideSecrets(ctx, s, req, s.fullServer.ValidateListResourceConfig)
}

func (s *server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	resp, err := s.fullServer.CallFunction(ctx, req)
	if resp != nil && resp.Error != nil {
		resp.Error.Text = s.secrets.Hide(resp.Error.Text)
	}

	return resp, err
}

func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	resp, err := s.fullServer.InvokeAction(ctx, req)
	if err != nil {
		return resp, err
	}

	events := resp.Events
	resp.Events = tracked(s, func(push func(tfprotov6.InvokeActionEvent) bool) {
		for event := range events {
			if end, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
				s.secrets.hideIn(end.Diagnostics)
			}
			if !push(event) {
				return
			}
		}
	})

	return resp, nil
}

func (s *server) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	resp, err := s.fullServer.ListResource(ctx, req)
	if err != nil {
		return resp, err
	}

	results := resp.Results
	resp.Results = tracked(s, func(push func(tfprotov6.ListResourceResult) bool) {
		for result := range results {
			s.secrets.hideIn(result.Diagnostics)
			if !push(result) {
				return
			}
		}
	})

	return resp, nil
}
