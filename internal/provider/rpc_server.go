package provider

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

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
		return &server{fullServer: full, secrets: p.secrets}
	}
}

// fullServer has all methods of the framework's server.
type fullServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
}

// server adds four rules to the framework's server: it hides secrets in
// diagnostics, releases a call's context when the call ends, waits for the
// streams when it stops, and accepts OpenTofu's null arguments. Calls that
// cannot carry a user's value are the framework's own.
type server struct {
	fullServer

	secrets *Secrets
	// streams has a channel for each open stream, which is closed when the
	// stream ends.
	streams sync.Map
}

// called calls the framework and cleans the response's diagnostics. Every
// response has its diagnostics in a field named Diagnostics.
func called[Q, R any](ctx context.Context, s *server, req *Q, call func(context.Context, *Q) (*R, error)) (*R, error) {
	during := &callContext{}
	during.Store(&ctx)
	ended := context.Background()
	defer during.Store(&ended)

	resp, err := call(during, req)
	if resp != nil {
		diagnostics, _ := reflect.ValueOf(resp).Elem().FieldByName("Diagnostics").Interface().([]*tfprotov6.Diagnostic)
		s.secrets.clean(diagnostics)
	}
	return resp, err
}

// callContext is a call's context until the call ends, and an empty context
// afterward. The framework keeps the contexts of all calls until the provider
// stops (registerContext in its internal/proto6server), and with them their
// loggers and connections: about 60 KiB for each import.
// TestServer_endedCallsKeepNoMemory fails without it.
type callContext struct {
	atomic.Pointer[context.Context]
}

func (c *callContext) Deadline() (time.Time, bool) { return (*c.Load()).Deadline() }
func (c *callContext) Done() <-chan struct{}       { return (*c.Load()).Done() }
func (c *callContext) Err() error                  { return (*c.Load()).Err() }
func (c *callContext) Value(key any) any           { return (*c.Load()).Value(key) }

func (s *server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return called(ctx, s, req, s.fullServer.ValidateProviderConfig)
}

func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return called(ctx, s, req, s.fullServer.ConfigureProvider)
}

func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return called(ctx, s, req, s.fullServer.ValidateResourceConfig)
}

func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return called(ctx, s, req, s.fullServer.UpgradeResourceState)
}

func (s *server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return called(ctx, s, req, s.fullServer.UpgradeResourceIdentity)
}

func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return called(ctx, s, req, s.fullServer.ReadResource)
}

func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return called(ctx, s, req, s.fullServer.PlanResourceChange)
}

func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return called(ctx, s, req, s.fullServer.ApplyResourceChange)
}

func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return called(ctx, s, req, s.fullServer.ImportResourceState)
}

func (s *server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return called(ctx, s, req, s.fullServer.MoveResourceState)
}

func (s *server) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return called(ctx, s, req, s.fullServer.GenerateResourceConfig)
}

func (s *server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return called(ctx, s, req, s.fullServer.ValidateDataResourceConfig)
}

func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return called(ctx, s, req, s.fullServer.ReadDataSource)
}

func (s *server) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return called(ctx, s, req, s.fullServer.ValidateEphemeralResourceConfig)
}

func (s *server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return called(ctx, s, req, s.fullServer.OpenEphemeralResource)
}

func (s *server) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return called(ctx, s, req, s.fullServer.ValidateActionConfig)
}

func (s *server) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return called(ctx, s, req, s.fullServer.PlanAction)
}

func (s *server) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return called(ctx, s, req, s.fullServer.ValidateListResourceConfig)
}

// msgpackNil is a null value in MessagePack.
const msgpackNil = 0xc0

func (s *server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	for i, argument := range req.Arguments {
		// OpenTofu sends a null argument without data, which the framework rejects
		// (TestRFC3339 fails without it).
		if argument == nil || len(argument.MsgPack)+len(argument.JSON) == 0 {
			req.Arguments[i] = &tfprotov6.DynamicValue{MsgPack: []byte{msgpackNil}}
		}
	}
	resp, err := s.fullServer.CallFunction(ctx, req)
	if resp != nil && resp.Error != nil {
		resp.Error.Text = breakMarkup(s.secrets.Hide(resp.Error.Text))
	}
	return resp, err
}

func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	resp, err := s.fullServer.InvokeAction(ctx, req)
	if err == nil {
		resp.Events = streamed(s, resp.Events, func(event tfprotov6.InvokeActionEvent) []*tfprotov6.Diagnostic {
			end, _ := event.Type.(tfprotov6.CompletedInvokeActionEventType)
			return end.Diagnostics
		})
	}
	return resp, err
}

func (s *server) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	resp, err := s.fullServer.ListResource(ctx, req)
	if err == nil {
		resp.Results = streamed(s, resp.Results, func(result tfprotov6.ListResourceResult) []*tfprotov6.Diagnostic { return result.Diagnostics })
	}
	return resp, err
}

// streamed cleans the diagnostics of a stream, and registers it until it ends.
func streamed[T any](s *server, stream iter.Seq[T], diagnostics func(T) []*tfprotov6.Diagnostic) iter.Seq[T] {
	return func(push func(T) bool) {
		ended := make(chan struct{})
		s.streams.Store(ended, nil)
		defer func() {
			s.streams.Delete(ended)
			close(ended)
		}()

		for item := range stream {
			s.secrets.clean(diagnostics(item))
			if !push(item) {
				return
			}
		}
	}
}

// On Ctrl-C, Terraform calls StopProvider. That must not lose the last
// diagnostics of an action or a list. The framework ends the contexts of all
// calls. After the response, plugin-go ends its streams and drops everything
// that they still send, such as the number of an import that an action has just
// staged. So the response waits until the streams have ended.

// stopPatience is how long the streams may take to end. The request timeout
// bounds a POST that is under way, and 2 seconds bound the search for its
// import after an interrupt. With a request timeout close to stopPatience or
// above, the number of the import can get lost.
const stopPatience = 2 * time.Minute

func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	resp, err := s.fullServer.StopProvider(ctx, req)

	// A stream never ends if Terraform no longer reads it.
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()

	s.streams.Range(func(stream, _ any) bool {
		ended, _ := stream.(chan struct{})
		select {
		case <-ended:
		case <-ctx.Done():
		}
		return true
	})
	return resp, err
}
