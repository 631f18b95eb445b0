package permissionassist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/net/http/httpproxy"
)

// ProxyError is a proxy's refusal to connect to the server.
type ProxyError struct {
	Proxy      string // its address without user information
	StatusCode int    // of its response, such as 407
}

func (e *ProxyError) Error() string {
	return fmt.Sprintf("the proxy %s refused to connect to the server: HTTP status %d %s",
		e.Proxy, e.StatusCode, http.StatusText(e.StatusCode))
}

// proxyFromEnvironment returns the proxy for requests to a server, as the usual
// environment variables name it; nil if there is none. A variable that is not
// the address of a proxy is an error: net/http ignores it and connects directly
// (golang/go#46264).
func proxyFromEnvironment(base *url.URL) (*url.URL, error) {
	environment := httpproxy.FromEnvironment()
	variable, value := "HTTPS_PROXY", environment.HTTPSProxy
	if base.Scheme == "http" {
		variable, value = "HTTP_PROXY", environment.HTTPProxy
	}
	if value == "" {
		return nil, nil
	}

	// A host for which NO_PROXY and the rules for loopback addresses do not apply.
	everywhere := *environment
	everywhere.NoProxy = ""
	proxy, err := everywhere.ProxyFunc()(&url.URL{Scheme: base.Scheme, Host: "host.invalid"})
	if err != nil || proxy == nil || proxy.Hostname() == "" || strings.Trim(proxy.Path, "/") != "" ||
		!slices.Contains([]string{"http", "https", "socks5", "socks5h"}, proxy.Scheme) {
		return nil, errors.New("the environment variable " + variable + " is not the address of a proxy, such as http://proxy.example.com:8080")
	}
	return environment.ProxyFunc()(base)
}

// unusedProxy returns the proxy that ALL_PROXY names for a server, for
// messages. net/http does not know this variable, which curl and git use.
func unusedProxy(base *url.URL) string {
	value := cmp.Or(os.Getenv("ALL_PROXY"), os.Getenv("all_proxy"))
	environment := httpproxy.Config{HTTPProxy: value, HTTPSProxy: value, NoProxy: httpproxy.FromEnvironment().NoProxy}
	if proxy, err := environment.ProxyFunc()(base); err == nil && proxy != nil {
		return shownProxy(proxy)
	}
	return ""
}

// shownProxy returns the address of a proxy without user information.
func shownProxy(proxy *url.URL) string { return proxy.Scheme + "://" + proxy.Host }

// isProxyConnect reports whether the connection to a proxy failed, as net/http
// marks it, rather than the one through it.
func isProxyConnect(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "proxyconnect"
}

// isDial reports whether no connection could be made.
func isDial(err error) bool {
	var (
		op      *net.OpError
		refused *ProxyError
	)
	return errors.As(err, &op) && op.Op == "dial" || errors.As(err, &refused) || isProxyConnect(err)
}

// proxyGate offers a proxy's password once until the proxy has accepted it:
// many attempts with a wrong one lock the account, if the proxy checks it
// against a directory such as Active Directory (*inferred*; the proxy's log
// would settle it. TestProxy_refused fails without it).
type proxyGate struct {
	// turn holds the proxy's refusal, or nil before the first. Only the attempt
	// that has received it goes on. The channel is nil without a password.
	turn chan *ProxyError
	// accepted is set once a connection was made, so that the password is right.
	accepted atomic.Bool
}

// enter waits until an attempt may be made. Call leave with the result of the
// attempt.
func (g *proxyGate) enter(ctx context.Context) (leave func(connected bool, err error), err error) {
	if g.turn == nil || g.accepted.Load() {
		return func(bool, error) {}, nil
	}

	select {
	case refused := <-g.turn:
		if refused != nil {
			g.turn <- refused
			return nil, refused
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return func(connected bool, err error) {
		var refused *ProxyError
		if errors.As(err, &refused) && refused.StatusCode != http.StatusProxyAuthRequired {
			refused = nil
		}
		if connected {
			g.accepted.Store(true)
		}
		g.turn <- refused
	}, nil
}

// checkProxyResponse is net/http's hook for a proxy's response to CONNECT.
// Without it, the error is only a text (golang/go#54299).
func checkProxyResponse(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{Proxy: shownProxy(proxy), StatusCode: resp.StatusCode}
}
