package provider

import (
	"net/http"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// FullServer has all methods of the provider's server.
type FullServer = fullServer

// NewServerVia is NewServer with a transport; nil means real connections.
func NewServerVia(transport http.RoundTripper) tfprotov6.ProviderServer {
	return newServer(&permissionAssistProvider{version: "test", secrets: &Secrets{}, transport: transport})()
}
