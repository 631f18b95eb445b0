package permissionassist

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

const endpointForm = "expected the server's address, for example https://permissionassist.example.com"

// ParseEndpoint reads a server's address and returns the URL of the API
// ("…/api"). The address may have a trailing slash or "/api". User information,
// a query and a fragment are refused, and so is plain http, except to a
// loopback address or with allowInsecureHTTP. The error shows the value without
// password and query, unless a character in it makes that unsafe.
func ParseEndpoint(raw string, allowInsecureHTTP bool) (*url.URL, error) {
	if raw == "" {
		return nil, errors.New("the endpoint is empty: " + endpointForm)
	}
	if err := checkEndpointCharacters(raw); err != nil {
		return nil, err
	}
	if !strings.Contains(raw, "://") {
		return nil, fmt.Errorf("the endpoint does not start with https:// — %s", endpointForm)
	}

	u, err := url.Parse(raw)
	if err != nil {
		// url.Parse's own message quotes the value, and with it a password
		// (golang/go#53993).
		return nil, errors.New("the endpoint is not a URL: " + endpointForm)
	}

	shown := shownEndpoint(u)
	if u.User == nil && strings.Contains(raw, "@") || strings.Count(raw, "@") > 1 {
		// A password can be where url.Parse does not look for one, such as after a
		// slash in a password.
		shown = "xxxxx@…"
	}
	if err := checkEndpoint(u, raw, shown, allowInsecureHTTP); err != nil {
		return nil, err
	}

	// On the escaped path, so that a %2F stays one.
	path := strings.TrimRight(u.EscapedPath(), "/")
	if strings.HasSuffix(strings.ToLower(path), "/api") {
		path = strings.TrimRight(path[:len(path)-len("/api")], "/")
	}
	path += "/api"
	unescaped, _ := url.PathUnescape(path) // an escaped path is valid
	return &url.URL{Scheme: u.Scheme, Host: canonicalHost(u), Path: unescaped, RawPath: path}, nil
}

// checkEndpoint returns an error unless all parts of an address are valid.
// shown is the form of the address that the error may quote.
func checkEndpoint(u *url.URL, raw, shown string, allowInsecureHTTP bool) error {
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("the endpoint %q does not start with https:// — %s", shown, endpointForm)
	case u.Hostname() == "":
		return fmt.Errorf("the endpoint %q has no host name: %s", shown, endpointForm)
	case u.User != nil:
		return fmt.Errorf("the endpoint %q has a user name or password: the API authenticates by token only; %s", shown, endpointForm)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return fmt.Errorf("the endpoint %q has a query or a fragment: %s", shown, endpointForm)
	case u.Scheme == "http" && !allowInsecureHTTP && !isLoopback(u.Hostname()):
		return fmt.Errorf("the endpoint %q is plain http, which would send the token unencrypted: use https, "+
			"or set allow_insecure_http if you trust this network", shown)
	default:
		return nil
	}
}

// checkEndpointCharacters names the position of a character that cannot be part
// of an address, such as a copied line break.
func checkEndpointCharacters(raw string) error {
	position := 0
	for _, r := range raw {
		position++
		if unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("\"'`<>“”‘’«»", r) {
			return fmt.Errorf("the endpoint has an invalid character at position %d (a space, a line break, a quotation mark, a bracket, "+
				"or an invisible character): %s", position, endpointForm)
		}
	}
	return nil
}

// shownEndpoint is the part of an address that a message may quote: without a
// password and without the query, where people keep secrets by mistake.
func shownEndpoint(u *url.URL) string {
	c := *u
	c.RawQuery, c.Fragment, c.RawFragment, c.ForceQuery = "", "", "", false
	if c.User != nil {
		c.User = url.User("xxxxx")
	}
	return c.String()
}

// canonicalHost returns the host in lower case, and the port unless it is the
// default: the state records which server an import was staged on.
func canonicalHost(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if address, err := netip.ParseAddr(u.Hostname()); err == nil {
		host = address.String() // the case of a zone matters
	}
	switch number, err := strconv.Atoi(u.Port()); {
	case err == nil && strconv.Itoa(number) != port(&url.URL{Scheme: u.Scheme}):
		return net.JoinHostPort(host, strconv.Itoa(number))
	case strings.Contains(host, ":"):
		return "[" + host + "]"
	default:
		return host
	}
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}

// sameOrigin reports whether a and b have the same scheme, host and port, so
// that a token for the one may be sent to the other.
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
