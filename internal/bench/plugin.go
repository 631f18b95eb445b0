package bench

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

const pluginName = "provider"

// newPluginClient will start a provider once it is used.
func newPluginClient(provider *exec.Cmd) *plugin.Client {
	return plugin.NewClient(&plugin.ClientConfig{
		// Terraform's, by which a provider knows that it was not started by hand.
		HandshakeConfig: plugin.HandshakeConfig{
			MagicCookieKey: "TF_PLUGIN_MAGIC_COOKIE", MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]plugin.PluginSet{
			5: {pluginName: schemaPlugin{method: "/tfplugin5.Provider/GetSchema"}},
			6: {pluginName: schemaPlugin{method: "/tfplugin6.Provider/GetProviderSchema"}},
		},
		Cmd:              provider,
		SkipHostEnv:      true,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		StartTimeout:     time.Minute,
		Logger:           hclog.NewNullLogger(),
	})
}

// readSchema asks a provider for its schema and returns the length of the answer.
func readSchema(ctx context.Context, client *plugin.Client) (int64, error) {
	connected, err := client.Client()
	if err != nil {
		return 0, err
	}
	dispensed, err := connected.Dispense(pluginName)
	if err != nil {
		return 0, err
	}
	ask, ok := dispensed.(func(context.Context) (int64, error))
	if !ok {
		return 0, fmt.Errorf("go-plugin has dispensed %T", dispensed)
	}
	return ask(ctx)
}

// schemaPlugin is as much of a provider as its schema takes.
type schemaPlugin struct {
	plugin.NetRPCUnsupportedPlugin

	method string
}

// GRPCServer implements plugin.GRPCPlugin.
func (schemaPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the benchmark serves no provider")
}

// GRPCClient implements plugin.GRPCPlugin. It returns a function that asks for
// the schema. The protocol's messages are not needed for that: what it has of
// the answer is all that is unknown to an empty message.
func (p schemaPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return func(ctx context.Context) (int64, error) {
		var answer emptypb.Empty
		err := conn.Invoke(ctx, p.method, &emptypb.Empty{}, &answer)
		return int64(proto.Size(&answer)), err
	}, nil
}
