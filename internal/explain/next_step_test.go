package explain_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/explain"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

// Each kind of error has its own next step.
func TestNextStep(t *testing.T) {
	t.Parallel()

	request := func(err error) error { return &permissionassist.RequestError{Err: err} }
	alert := func(text string) error { return request(&net.OpError{Op: "remote error", Err: errors.New(text)}) }
	about := func(operation permissionassist.Operation, err *permissionassist.APIError) error {
		err.Operation = operation
		return err
	}
	page := func(e unexpected) error { return &e }
	events := func(status int) unexpected {
		return unexpected{
			Request:  permissionassist.Request{Operation: permissionassist.OperationGetPersonnelEvent},
			Response: response{StatusCode: status},
		}
	}
	application := apiError(400, "validation_error")
	application.Fields = []permissionassist.FieldError{{Field: "applicationId"}}
	busy := apiError(503, "server_error")
	busy.RetryAfter = 10 * time.Minute

	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"400":                  {apiError(400, "validation_error"), "Correct the values"},
		"400 of application":   {application, "Correct application_id"},
		"400 of upload":        {about(permissionassist.OperationUpload, apiError(400, "validation_error")), "argument files"},
		"401":                  {apiError(401, "unauthorized"), explain.EnvToken},
		"403":                  {apiError(403, "forbidden"), "administrator"},
		"403 of events":        {about(permissionassist.OperationListPersonnelEvents, apiError(403, "forbidden")), "IAM Operations"},
		"403 page of an event": {page(events(403)), "IAM Operations"},
		"404 page of an event": {page(events(404)), "IAM Operations"},
		"404":                  {apiError(404, "not_found"), "Check the ID"},
		"409":                  {apiError(409, "conflict"), "terraform plan"},
		"422":                  {about(permissionassist.OperationStage, apiError(422, "unprocessable_entity")), "Import Privileges"},
		"429":                  {apiError(429, "too_many_requests"), "-parallelism"},
		"500":                  {apiError(500, "server_error"), "correlation ID"},
		"503":                  {busy, "pause of 10m0s"},
		"redirect":             {page(unexpected{Response: response{StatusCode: 302}, Location: "https://login.test"}), "login page"},
		"401 page":             {page(unexpected{Response: response{StatusCode: 401}}), "in front of it"},
		"401 page, Windows":    {page(unexpected{Response: response{StatusCode: 401}, WWWAuthenticate: "Negotiate"}), "Windows authentication"},
		"429 page":             {page(unexpected{Response: response{StatusCode: 429}}), "max_retries"},
		"502 page":             {page(unexpected{Response: response{StatusCode: 502}}), explain.EnvEndpoint},
		"503 page":             {page(unexpected{Response: response{StatusCode: 503, RetryAfter: time.Minute}}), "pause of 1m0s"},
		"missing endpoint":     {&permissionassist.MissingEndpointError{Err: errBroke}, "too old"},
		"other application":    {&permissionassist.OtherApplicationError{}, "does not cancel it"},
		"not listed":           {fmt.Errorf("import x: %w", permissionassist.ErrNotListed), "terraform state rm"},
		"deadline":             {request(context.DeadlineExceeded), "timeout of the whole operation"},
		"request timeout":      {request(permissionassist.ErrRequestTimeout), "request_timeout"},
		"unknown authority":    {request(x509.UnknownAuthorityError{}), explain.EnvCACertFile},
		"expired certificate":  {request(x509.CertificateInvalidError{Reason: x509.Expired}), "clock"},
		"wrong usage":          {request(x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}), "serverAuth"},
		"wrong host":           {request(x509.HostnameError{Certificate: &x509.Certificate{}}), "Subject Alternative Name"},
		"invalid certificate":  {request(x509.CertificateInvalidError{}), "not valid"},
		"old protocol":         {request(errors.New("tls: server selected unsupported protocol version 301")), "TLS 1.2"},
		"client certificate":   {alert("tls: certificate required"), explain.EnvClientCertFile},
		"handshake refused":    {alert("tls: handshake failure"), "client_cert_file"},
		"other TLS problem":    {request(errors.New("tls: internal error")), explain.EnvEndpoint},
		"plain http":           {request(http.ErrSchemeMismatch), "plain http"},
		"unknown host":         {request(&net.DNSError{IsNotFound: true}), "server's name"},
		"proxy":                {request(&permissionassist.ProxyError{StatusCode: 403}), "NO_PROXY"},
		"proxy's password":     {request(&permissionassist.ProxyError{StatusCode: 407}), "only once"},
		"certificate missing":  {&permissionassist.RequestError{Err: errBroke, CertificateMissing: true}, explain.EnvClientCertFile},
		"certificate missing, TLS 1.2": {&permissionassist.RequestError{
			Err: &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, CertificateMissing: true,
		}, "none is configured"},
		"certificate missing, unknown authority": {&permissionassist.RequestError{
			Err: x509.UnknownAuthorityError{}, CertificateMissing: true,
		}, explain.EnvCACertFile},
		"certificate unused":    {&permissionassist.RequestError{Err: errBroke, CertificateUnused: true}, "clientcertnegotiation"},
		"through a proxy":       {&permissionassist.RequestError{Err: errBroke, Proxy: "http://proxy.test"}, "through the proxy"},
		"proxy not used":        {&permissionassist.RequestError{Err: errBroke, UnusedProxy: "http://proxy.test"}, "ALL_PROXY"},
		"TLS to the proxy":      {request(&net.OpError{Op: "proxyconnect", Err: errors.New("tls: x")}), "connection to the proxy failed"},
		"connection refused":    {request(errBroke), "can reach the server"},
		"changed file":          {&permissionassist.FileError{Err: permissionassist.ErrFileChanged}, "writing to the file"},
		"missing file":          {&permissionassist.FileError{Err: errBroke}, "depends_on"},
		"something else":        {errBroke, ""},
		"staging":               {&staging.Error{Outcome: staging.NotStaged, Err: apiError(401, "unauthorized")}, explain.EnvToken},
		"staging interrupted":   {&staging.Error{Outcome: staging.NotStaged, Err: context.Canceled}, "run terraform apply again"},
		"reading interrupted":   {request(context.Canceled), ""},
		"staging, no more time": {&staging.Error{Outcome: staging.NotStaged, Err: context.DeadlineExceeded}, "whole operation"},
	} {
		got := explain.NextStep(tc.err, explain.ForImport())
		if (got == "") != (tc.want == "") {
			t.Errorf("%s: the next step is %q", name, got)
		}
		wantFragments(t, got, []string{tc.want})
	}
}

// The response of IIS to an upload that is too large does not mention the size.
func TestNextStep_uploadTooLarge(t *testing.T) {
	t.Parallel()

	for _, status := range []int{404, 413, 500} {
		err := &unexpected{Response: response{StatusCode: status}}
		wantFragments(t, explain.NextStep(err, explain.Advice{}), nil, "maxAllowedContentLength")
		err.Operation = permissionassist.OperationUpload
		wantFragments(t, explain.NextStep(err, explain.Advice{}), []string{"maxAllowedContentLength"})
	}
}

// If an import may have been staged, a resource can adopt it; an action cannot.
func TestNextStep_inDoubt(t *testing.T) {
	t.Parallel()

	adopt, invoke := "terraform import ADDRESS ID", "invoke the action again"
	for _, outcome := range []staging.Outcome{staging.Uncertain, staging.Ambiguous} {
		err := &staging.Error{Outcome: outcome, Err: errors.New("x"), Candidates: importsFrom(2)}

		wantFragments(t, explain.NextStep(err, explain.ForImport()), []string{adopt, "run terraform apply again"}, invoke)
		wantFragments(t, explain.NextStep(err, explain.ForAction()), []string{invoke}, adopt, "terraform apply")

		err.Candidates = importsFrom(1)
		wantFragments(t, explain.NextStep(err, explain.ForImport()), []string{"terraform import ADDRESS id-1"})
	}
}
