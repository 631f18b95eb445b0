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

// newPluginClient returns a client that starts the provider when it is used.
func newPluginClient(provider *exec.Cmd) *plugin.Client {
	return plugin.NewClient(&plugin.ClientConfig{
		// Terraform's cookie, which tells a provider that it was not started by hand.
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

// readSchema requests a provider's schema and returns its size in bytes.
func readSchema(ctx context.Context, client *plugin.Client) (int64, error) {
	connected, err := client.Client()
	if err != nil {
		return 0, err
	}
	dispensed, err := connected.Dispense(pluginName)
	if err != nil {
		return 0, err
	}
	getSchema, ok := dispensed.(func(context.Context) (int64, error))
	if !ok {
		return 0, fmt.Errorf("go-plugin returned a %T", dispensed)
	}
	return getSchema(ctx)
}

// schemaPlugin is the part of the plugin protocol that returns the schema.
type schemaPlugin struct {
	plugin.NetRPCUnsupportedPlugin

	method string
}

func (schemaPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the benchmark serves no provider")
}

// GRPCClient returns a function that requests the schema. That does not need the
// protocol's messages: an empty message keeps everything in the response as
// unknown fields, and its size is all we need.
func (p schemaPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return func(ctx context.Context) (int64, error) {
		var schema emptypb.Empty
		err := conn.Invoke(ctx, p.method, &emptypb.Empty{}, &schema)
		return int64(proto.Size(&schema)), err
	}, nil
}
