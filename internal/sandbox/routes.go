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

// maxJSONBody bounds the body of a JSON request, in bytes.
const maxJSONBody = 1 << 20

// route is the result of routing a method and a path.
type route struct {
	op      Operation
	id      string // the ID in the path, if any
	allowed string // the correct method, if the request has the wrong one
}

// collections are the paths that have a list, and its items below it.
var collections = map[string]struct{ list, get Operation }{
	"application-imports": {OpListImports, OpGetImport},
	"applications":        {OpListApplications, OpGetApplication},
	"identities":          {OpListIdentities, OpGetIdentity},
	"access-requests":     {OpListAccessRequests, OpGetAccessRequest},
	"personnel-events":    {OpListPersonnelEvents, OpGetPersonnelEvent},
}

func findRoute(method, path string) route {
	var r route
	want := http.MethodGet
	rest, ok := strings.CutPrefix(path, "/api/")
	switch {
	case !ok:
		return route{op: OpOther}
	case rest == "application-imports/stage":
		want, r.op = http.MethodPost, OpStage
	case rest == "application-imports/cancel":
		want, r.op = http.MethodPost, OpCancel
	case rest == "application-imports/upload":
		want, r.op = http.MethodPost, OpUpload
	default:
		kind, id, isOne := strings.Cut(rest, "/")
		ops, ok := collections[kind]
		if !ok || isOne && (id == "" || strings.Contains(id, "/")) {
			return route{op: OpOther}
		}
		r.id, r.op = id, ops.list
		if isOne {
			r.op = ops.get
		}
	}
	if method != want {
		return route{op: OpOther, allowed: want}
	}
	return r
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
// net/http notice that a client gave up. It also means that a client that gets cut
// off has sent everything.
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
	body, err := io.ReadAll(io.LimitReader(r.Body, maxJSONBody+1))
	switch {
	case err != nil:
		return nil, refusal(invalid("The request body could not be read"))
	case len(body) > maxJSONBody:
		return nil, refusal(page(http.StatusRequestEntityTooLarge))
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
	return handlers[op](s, c)
}

// handlers are the API, by operation.
var handlers = map[Operation]func(*Server, *call) response{
	OpStage: (*Server).stage, OpCancel: (*Server).cancel, OpUpload: (*Server).uploadFiles,
	OpListImports: (*Server).listImports, OpGetImport: (*Server).getImport,
	OpListApplications: (*Server).listApplications, OpGetApplication: (*Server).getApplication,
	OpListIdentities: (*Server).listIdentities, OpGetIdentity: (*Server).getIdentity,
	OpListAccessRequests: (*Server).listAccessRequests, OpGetAccessRequest: (*Server).getAccessRequest,
	OpListPersonnelEvents: (*Server).listPersonnelEvents, OpGetPersonnelEvent: (*Server).getPersonnelEvent,
}
