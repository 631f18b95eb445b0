package provider

import (
	"net/http"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// WindowsZones are the names of time zones in Windows.
var WindowsZones = windowsZones

// NewServerVia is NewServer with a transport; nil means real connections.
func NewServerVia(transport http.RoundTripper) func() tfprotov6.ProviderServer {
	return newServer(&permissionAssistProvider{version: "test", secrets: &Secrets{}, transport: transport})
}
