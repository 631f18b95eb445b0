package permissionassist

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
)

// Defaults for a Config, used if the field is zero.
const (
	DefaultRequestTimeout = 30 * time.Second
	DefaultMaxRetries     = 4
)

// Config describes how to reach a Permission Assist server.
type Config struct {
	// Endpoint is the server's address, with or without a trailing slash or
	// "/api". https only, or http to a loopback address; see AllowInsecureHTTP.
	Endpoint string
	// Token is sent as "Authorization: Bearer …", only to the scheme, host and
	// port of Endpoint. Tokens look like "pa_…" and give access to every endpoint.
	Token string
	// UserAgent is sent with every request; empty means Go's own.
	UserAgent string
	// TLS is the configuration of TLS connections; see ParseCACerts and
	// ParseClientCert. nil means the system's authorities and no client
	// certificate. TLS versions before 1.2 are never used.
	TLS *tls.Config
	// AllowInsecureHTTP allows plain http to a server that is not on loopback.
	AllowInsecureHTTP bool
	// RequestTimeout bounds one attempt of one request, from connecting to the
	// last byte of the response. During an upload it bounds how long no byte is
	// sent. 0 means DefaultRequestTimeout.
	RequestTimeout time.Duration
	// MaxRetries is how many times a request is repeated if repeating it is safe.
	// nil means DefaultMaxRetries; 0 means never.
	MaxRetries *int
	// Transport replaces the connections to the server in tests. nil means real
	// connections, configured by the fields above.
	Transport http.RoundTripper
}

// Client talks to one Permission Assist server with one token. It is safe for
// concurrent use. It remembers the lists of applications and identities, and
// which optional endpoints the server has; it remembers nothing about imports.
type Client struct {
	base       *url.URL
	token      string
	redactor   *Redactor
	userAgent  string
	timeout    time.Duration
	maxRetries int
	transport  http.RoundTripper

	// Endpoints whose paths are inferred, or that an old server may lack.
	getImportEndpoint, listImportsEndpoint           optionalEndpoint
	getApplicationEndpoint, listApplicationsEndpoint optionalEndpoint

	applications sharedScan[Application]
	identities   sharedScan[Identity]
	proxyGate    proxyGate

	// proxy and unusedProxy are addresses of proxies for messages; see
	// RequestError.
	proxy, unusedProxy string
	hasCertificate     bool // a client certificate is configured
	// certificateRequested is set once the server has requested one.
	certificateRequested atomic.Bool
}

// New checks the configuration and returns a Client. It sends nothing. The
// error is a *ConfigError.
func New(cfg Config) (*Client, error) {
	base, err := ParseEndpoint(cfg.Endpoint, cfg.AllowInsecureHTTP)
	if err != nil {
		return nil, &ConfigError{Field: "Endpoint", Err: err}
	}
	if err := ValidateToken(cfg.Token); err != nil {
		return nil, &ConfigError{Field: "Token", Err: err}
	}
	if cfg.RequestTimeout < 0 {
		return nil, &ConfigError{Field: "RequestTimeout", Err: fmt.Errorf("%s is negative", cfg.RequestTimeout)}
	}

	c := &Client{
		base:         base,
		token:        cfg.Token,
		redactor:     NewRedactor(cfg.Token),
		userAgent:    cfg.UserAgent,
		timeout:      cmp.Or(cfg.RequestTimeout, DefaultRequestTimeout),
		maxRetries:   DefaultMaxRetries,
		transport:    cfg.Transport,
		applications: newSharedScan[Application](),
		identities:   newSharedScan[Identity](),
	}
	if cfg.MaxRetries != nil {
		c.maxRetries = *cfg.MaxRetries
	}
	if c.maxRetries < 0 {
		return nil, &ConfigError{Field: "MaxRetries", Err: fmt.Errorf("%d is negative", c.maxRetries)}
	}
	if c.transport == nil {
		if err := c.connect(cfg); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// connect configures real connections to the server.
func (c *Client) connect(cfg Config) error {
	proxy, err := proxyFromEnvironment(c.base)
	if err != nil {
		return &ConfigError{Field: "Proxy", Err: err}
	}

	transport := newTransport(cfg.TLS, c.timeout)
	transport.Proxy = http.ProxyURL(proxy)
	c.transport = transport
	c.acceptCertificateRequest(transport)
	if proxy == nil {
		c.unusedProxy = unusedProxy(c.base)
		return nil
	}
	c.proxy = shownProxy(proxy)
	if proxy.User != nil {
		c.proxyGate.turn = make(chan *ProxyError, 1)
		c.proxyGate.turn <- nil
	}
	return nil
}

// acceptCertificateRequest configures what happens if the server requests a
// client certificate.
func (c *Client) acceptCertificateRequest(t *http.Transport) {
	config := t.TLSClientConfig
	config.GetClientCertificate = func(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		c.certificateRequested.Store(true)
		for i := range config.Certificates {
			if request.SupportsCertificate(&config.Certificates[i]) == nil {
				return &config.Certificates[i], nil
			}
		}
		return &tls.Certificate{}, nil
	}
	if c.hasCertificate = len(config.Certificates) > 0; !c.hasCertificate {
		return
	}
	// IIS may request the certificate only after it has read the request's path,
	// by renegotiation (Venafi/vcert#438), which HTTP/2 does not allow (RFC 9113,
	// section 9.2.1).
	config.Renegotiation = tls.RenegotiateOnceAsClient
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
}

// newTransport returns a transport with its own connection pool.
func newTransport(tlsConfig *tls.Config, timeout time.Duration) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // documented to be one
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if tlsConfig != nil {
		t.TLSClientConfig = tlsConfig.Clone()
		t.TLSClientConfig.MinVersion = max(tls.VersionTLS12, tlsConfig.MinVersion)
	}
	t.OnProxyConnectResponse = checkProxyResponse
	t.DialContext = newDialer(timeout).DialContext
	// The timeout of the attempt bounds the handshake too, and its error says so.
	t.TLSHandshakeTimeout = 0
	t.MaxResponseHeaderBytes = 1 << 20
	// Terraform works on 10 resources at a time by default, and each should find
	// an idle connection. The default is 2 (golang/go#13801).
	t.MaxIdleConnsPerHost = 32
	// A connection that a firewall has dropped silently must not be reused: it is
	// pinged after 5 seconds without traffic and closed 5 seconds later
	// (golang/go#36026, TestClient_deadHTTP2Connection fails without it).
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: deadConnectionPing, PingTimeout: deadConnectionPing}
	return t
}

// newDialer returns a dialer for attempts with a timeout. Its own timeout is
// shorter: a dialer divides it between the addresses of a name, so that the
// second one is tried if the first is dead (golang/go#17617,
// TestDialer_secondAddress fails without it).
func newDialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: min(10*time.Second, timeout/2), KeepAlive: 30 * time.Second}
}

const deadConnectionPing = 5 * time.Second

// Close releases idle connections. Without Close, idle connections end after
// their timeout.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// RequestTimeout returns how long one attempt of a request may take.
func (c *Client) RequestTimeout() time.Duration { return c.timeout }

// Server returns the server's address as the client uses it, such as
// "https://permissionassist.example.com/api".
func (c *Client) Server() string { return c.base.String() }

// placeholder matches a variable that nothing replaced: Azure DevOps passes on
// $(NAME) as it is if there is no such variable, as cmd does with %NAME%.
// {{NAME}} and #{NAME}# are of deployment tools. Stars come from a log, which
// masks the secret.
var placeholder = regexp.MustCompile(`^(?:\$\([^()]*\)|\$?\$\{.*\}|%[^%]*%|\{\{.*\}\}|#\{.*\}#|\*+|\$(?:env:)?[A-Za-z_][A-Za-z0-9_]*)$`)

// ValidateToken returns an error unless token can be sent as a bearer token.
// The error does not show the token.
func ValidateToken(token string) error {
	if token == "" {
		return errors.New("the token is empty")
	}
	if scheme, _, found := strings.Cut(token, " "); found && strings.EqualFold(scheme, "Bearer") {
		return errors.New(`the token begins with "Bearer ": leave that out, the provider adds it`)
	}
	if strings.ContainsRune(`"'`, rune(token[0])) || strings.ContainsRune(`"'`, rune(token[len(token)-1])) {
		return errors.New("the token has a quotation mark at its beginning or end: remove it. In cmd, quotation marks after the = become " +
			`a part of the value, so write set "NAME=value"`)
	}
	if placeholder.MatchString(token) {
		return errors.New("the token is a placeholder such as $(NAME), ${NAME} or %NAME% that was never filled in: the pipeline or shell has " +
			"no variable of that name, or does not pass it on. Azure DevOps passes on a secret variable only if env: maps it")
	}
	for i := range len(token) {
		if token[i] <= ' ' || token[i] > '~' {
			return fmt.Errorf("the token has an invalid character at position %d (a space, a line break, or a character "+
				"that is not printable ASCII). Was it read from a file that ends with a line break?", i+1)
		}
	}
	return nil
}
