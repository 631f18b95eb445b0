package permissionassist

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

const endpointForm = "expected the server's address, for example https://permissionassist.example.com"

// ParseEndpoint reads a server's address and returns the URL below which the
// API's paths stand ("…/api"). The address may be given with or without a
// trailing slash or "/api". An address with user information, a query or a
// fragment is refused, and so is plain http, except to a loopback address or
// where allowInsecureHTTP says so. The error shows the value (without
// password and query) and the expected form.
func ParseEndpoint(raw string, allowInsecureHTTP bool) (*url.URL, error) {
	if raw == "" {
		return nil, errors.New("the endpoint is empty: " + endpointForm)
	}

	u, err := url.Parse(raw)
	if err != nil {
		// url.Parse's own message quotes the value, and with it a password.
		return nil, errors.New("the endpoint is not a URL: " + endpointForm)
	}

	shown := shownEndpoint(u)
	if u.User == nil && strings.Contains(raw, "@") || strings.Count(raw, "@") > 1 {
		// A password can stand where url.Parse does not look for one, such as
		// in an address without a scheme, or behind a slash in a password.
		shown = "xxxxx@…"
	}

	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("the endpoint %q does not start with https:// — %s", shown, endpointForm)
	case u.Hostname() == "":
		return nil, fmt.Errorf("the endpoint %q names no server: %s", shown, endpointForm)
	case u.User != nil:
		return nil, fmt.Errorf("the endpoint %q contains user information: the API authenticates by token only; %s", shown, endpointForm)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return nil, fmt.Errorf("the endpoint %q was given with a query or a fragment: %s", shown, endpointForm)
	case u.Scheme == "http" && !allowInsecureHTTP && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("the endpoint %q is plain http, which would send the token unencrypted: use https, "+
			"or set allow_insecure_http if this is a network you trust", shown)
	}

	path := strings.TrimRight(u.Path, "/")
	if strings.HasSuffix(strings.ToLower(path), "/api") {
		path = path[:len(path)-len("/api")]
	}

	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(path, "/") + "/api"}, nil
}

// shownEndpoint is what an error may quote: neither a password nor a query,
// where secrets are kept by mistake.
func shownEndpoint(u *url.URL) string {
	c := *u
	c.RawQuery, c.Fragment, c.RawFragment, c.ForceQuery = "", "", "", false

	if c.User != nil {
		c.User = url.User("xxxxx")
	}

	return c.String()
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}

	ip := net.ParseIP(host)

	return ip != nil && ip.IsLoopback()
}

// sameOrigin tells whether a request to b goes to the same server, port and
// scheme as one to a, so that a token for the one may be sent to the other.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	default:
		return "443"
	}
}
