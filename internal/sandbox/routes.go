package sandbox

import (
	"crypto/subtle"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// endpoint is an operation of the API.
type endpoint struct {
	op     Operation
	method string
	path   string // after /api/; an ID follows a path that ends in a slash
	handle func(*Server, *call) response
}

// endpoints are the API. The first one with the path of a request counts.
var endpoints = []endpoint{
	{OpStage, http.MethodPost, "application-imports/stage", (*Server).stage},
	{OpCancel, http.MethodPost, "application-imports/cancel", (*Server).cancel},
	{OpUpload, http.MethodPost, "application-imports/upload", (*Server).uploadFiles},
	{OpListImports, http.MethodGet, "application-imports", (*Server).listImports},
	{OpGetImport, http.MethodGet, "application-imports/", (*Server).getImport},
	{OpListApplications, http.MethodGet, "applications", (*Server).listApplications},
	{OpGetApplication, http.MethodGet, "applications/", (*Server).getApplication},
	{OpListIdentities, http.MethodGet, "identities", (*Server).listIdentities},
	{OpListAccessRequests, http.MethodGet, "access-requests", (*Server).listAccessRequests},
	{OpGetAccessRequest, http.MethodGet, "access-requests/", (*Server).getAccessRequest},
	{OpListPersonnelEvents, http.MethodGet, "personnel-events", (*Server).listPersonnelEvents},
	{OpGetPersonnelEvent, http.MethodGet, "personnel-events/", (*Server).getPersonnelEvent},
}

// route is where a request goes. Its operation is OpOther if the API lacks the
// path, or only allows another method for it.
type route struct {
	endpoint
	id      string // the ID in the path, if any
	allowed string // the correct method, if the request has the wrong one
}

func findRoute(method, path string) route {
	other := route{endpoint: endpoint{op: OpOther}}
	rest, ok := strings.CutPrefix(path, "/api/")
	if !ok {
		return other
	}
	for _, e := range endpoints {
		id, found := strings.CutPrefix(rest, e.path)
		if !found || (id != "") != strings.HasSuffix(e.path, "/") || strings.Contains(id, "/") {
			continue
		}
		if method == e.method {
			return route{endpoint: e, id: id}
		}
		other.allowed = e.method
		break
	}
	return other
}

// call is a request that was read completely. It does not refer to the
// connection, so it can be handled after the connection is gone.
type call struct {
	request Request
	route   route
	query   url.Values
	refused *response // set if the body is invalid
	upload  *upload   // set for OpUpload
}

// receive reads a request to its end. Faults rely on that. Only after that does
// net/http notice that a client gave up. It also means that a client that gets
// cut off has sent everything.
func (s *Server) receive(r *http.Request) *call {
	c := &call{route: findRoute(r.Method, r.URL.Path), query: r.URL.Query()}
	switch c.route.op {
	case OpStage, OpCancel:
		c.request.Body, c.refused = readJSON(r)
	case OpUpload:
		c.upload, c.refused = readUpload(r)
	}
	_, _ = io.Copy(io.Discard, r.Body) // an error no longer matters

	c.request.Operation = c.route.op
	c.request.Method = r.Method
	c.request.Path = r.URL.Path
	c.request.RawQuery = r.URL.RawQuery
	c.request.Host = r.Host
	c.request.Header = r.Header.Clone()
	c.request.Header.Del("Authorization")
	c.request.Authorized = s.authorized(r.Header.Get("Authorization"))
	c.request.Time = time.Now()
	return c
}

func (s *Server) authorized(header string) bool {
	scheme, token, _ := strings.Cut(header, " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.EqualFold(scheme, "Bearer") && s.token != "" &&
		subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 1
}

func readJSON(r *http.Request) ([]byte, *response) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, refusal(page(http.StatusUnsupportedMediaType))
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 1<<20))
	if err != nil {
		return nil, refusal(invalid("The request body could not be read"))
	}
	return body, nil
}

func refusal(a response) *response { return &a }

// handle executes a call and returns its response. mu is held.
func (s *Server) handle(c *call) response {
	op := c.route.op
	switch {
	case !strings.HasPrefix(c.request.Path, "/api/"):
		return page(http.StatusNotFound)
	case !c.request.Authorized:
		return envelope(http.StatusUnauthorized, codeUnauthorized, "Invalid or expired authentication token")
	case c.route.allowed != "":
		a := page(http.StatusMethodNotAllowed)
		a.header.Set("Allow", c.route.allowed)
		return a
	case op == OpOther || s.dialect.lacks(op):
		return page(http.StatusNotFound)
	case c.refused != nil:
		return *c.refused
	case s.dialect.NoIAMOperations && (op == OpListPersonnelEvents || op == OpGetPersonnelEvent):
		return envelope(http.StatusForbidden, codeForbidden, "Access is denied")
	}
	return c.route.handle(s, c)
}
