package explain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/staging"
)

// NextStep returns what the user can do about an error; empty if unknown.
func NextStep(err error, a Advice) string {
	var (
		failed *staging.Error
		file   *permissionassist.FileError
		api    *permissionassist.APIError
	)
	switch {
	case errors.As(err, &failed) && failed.Outcome != staging.NotStaged:
		return nextStepInDoubt(failed, a)
	case errors.As(err, &file):
		return nextStepForFile(err, a)
	case errors.Is(err, context.Canceled) && failed != nil:
		return "To stage the import, " + a.Again + "."
	case errors.Is(err, context.Canceled):
		return ""
	case errors.As(err, &api) && api.StatusCode == http.StatusUnauthorized:
		return nextStepForRefusedToken(a)
	default:
		return strings.TrimSpace(nextStepForRequest(err, a) + " " + nextStepForModule(err))
	}
}

// nextStepForModule is for a request that may need a module which the server
// does not have. The vendor does not document the response of such a server.
func nextStepForModule(err error) string {
	switch permissionassist.RequestOf(err).Operation {
	case permissionassist.OperationListPersonnelEvents, permissionassist.OperationGetPersonnelEvent:
		if errors.Is(err, permissionassist.ErrForbidden) || permissionassist.IsMissingEndpoint(err) {
			return "Personnel events belong to the separately licensed module IAM Operations: ask an administrator of Permission Assist whether " +
				"the server has it."
		}
	}
	return ""
}

func nextStepForRefusedToken(a Advice) string {
	source := a.TokenSource
	if source == "" {
		source = "the provider's argument token or the environment variable " + EnvToken
	}
	return "The token was refused: it may have expired or been deleted. The token comes from " + source + ". Set a valid token: check that " +
		"it is complete, and that it was created on this server."
}

// nextStepInDoubt is for an import that may have been staged. The POST was not
// repeated, so there is at most one.
func nextStepInDoubt(failed *staging.Error, a Advice) string {
	if len(failed.Candidates) == 1 {
		return "Check in Permission Assist who staged it, and when. If it is yours, " + a.Adopt(failed.Candidates[0].ID) +
			" If it is not yours, " + a.Again + "."
	}
	if failed.Outcome == staging.Ambiguous {
		return "Find out which of them Terraform staged: Permission Assist shows who staged an import, and when. If Terraform staged one of " +
			"them, " + a.Adopt("") + " If it staged none of them, " + a.Again + "."
	}
	return "The request was not retried, so there is at most one import. Check in Permission Assist whether the application has a new " +
		"import. If it does, " + a.Adopt("") + " If it still does not after ten minutes, " + a.Again + "."
}

func nextStepForFile(err error, a Advice) string {
	switch {
	case errors.Is(err, permissionassist.ErrFileChanged):
		return "Wait until nothing is writing to the file, then " + a.Again + "."
	case errors.Is(err, permissionassist.ErrFileBusy):
		return "Close the program that has the file open, such as Excel or an exporter that is still running, then " + a.Again + "."
	case errors.Is(err, fs.ErrPermission):
		return "Let the account that runs Terraform read the file, then " + a.Again + "."
	}
	return "Correct the argument files, then " + a.Again + ". If another resource writes the file, refer to that resource or add a depends_on."
}

func nextStepForRequest(err error, a Advice) string {
	var (
		api        *permissionassist.APIError
		unexpected *permissionassist.UnexpectedResponseError
		missing    *permissionassist.MissingEndpointError
		other      *permissionassist.OtherApplicationError
		request    *permissionassist.RequestError
	)
	switch {
	case errors.Is(err, permissionassist.ErrGone):
		return "" // the caller knows what follows
	case errors.Is(err, permissionassist.ErrNotVisible):
		return "The import was staged less than ten minutes ago, and the server may not find it yet. Try again in a few minutes."
	case errors.Is(err, permissionassist.ErrTooLarge):
		return "Narrow the request: set application_id, or refer to an import by its ID instead of its number. If that is not possible, please " +
			"report it."
	case errors.As(err, &missing):
		return "Check that the provider's endpoint is the address of Permission Assist. If it is, this version of Permission Assist may be too " +
			"old for the provider."
	case errors.As(err, &other):
		return "Terraform does not wait for this import and does not cancel it. Check that the provider's endpoint is the server that the " +
			"import was staged on. If Terraform manages the import and it is really another application's, run: terraform state rm ADDRESS"
	case errors.As(err, &unexpected):
		return nextStepForUnexpectedResponse(unexpected)
	case errors.As(err, &api):
		return nextStepForAPIError(api, a)
	case errors.Is(err, permissionassist.ErrNotListed):
		return "This server can only return the whole list, and the list does not have this ID. The ID may still exist: check it in " +
			"Permission Assist. If it is an import that Terraform manages and that no longer exists, run: terraform state rm ADDRESS"
	case errors.Is(err, context.DeadlineExceeded):
		return "The timeout of the whole operation was reached. Raise it (timeouts in a completion, timeout in an action), or try again later."
	case errors.As(err, &request):
		return nextStepForNoResponse(request)
	}
	return ""
}

func nextStepForAPIError(e *permissionassist.APIError, a Advice) string {
	switch e.StatusCode {
	case http.StatusForbidden:
		return "The server does not allow this request. The vendor does not document the causes: ask an administrator of Permission Assist " +
			"whether the API is enabled and the module that the request needs is licensed."
	case http.StatusNotFound:
		return "Check the ID. Also check that the provider's endpoint is the server that you copied the ID from."
	case http.StatusConflict:
		return "Check the import in Permission Assist, and run terraform plan again."
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return nextStepForRefusal(e, a)
	default:
		return cmp.Or(nextStepForBusyServer(e.Response),
			"Try again. If the error persists, send the correlation ID to the administrator of Permission Assist or to the vendor's support.")
	}
}

// nextStepForRefusal is for a 400 or 422.
func nextStepForRefusal(e *permissionassist.APIError, a Advice) string {
	switch {
	case e.Operation == permissionassist.OperationUpload:
		return "Correct the argument application_id or files. The application must exist, must not be archived, and needs a file-based " +
			"connector that is available. The argument files needs one file for each required file group of that connector, by the file group's " +
			"GUID."
	case e.Operation == permissionassist.OperationStage && e.StatusCode == http.StatusUnprocessableEntity:
		return "Schedule an import for this application in Permission Assist (Manage > Applications > the application > Import Privileges > " +
			"Schedule). Check there that its connector is available and has the file paths that it needs. Then " + a.Again + "."
	case slices.ContainsFunc(e.Fields, func(f permissionassist.FieldError) bool { return f.Field == "applicationId" }):
		return "Correct application_id: the application must exist and must not be archived. The data source permissionassist_application " +
			"finds it by name."
	default:
		return "Correct the values that the error names."
	}
}

// nextStepForBusyServer is for a 429 or a 503; empty for other responses.
func nextStepForBusyServer(r permissionassist.Response) string {
	pause := ""
	if r.RetryAfter != 0 {
		pause = fmt.Sprintf(" The server requested a pause of %s.", r.RetryAfter.Round(time.Second))
	}
	switch r.StatusCode {
	case http.StatusTooManyRequests:
		return "A rate limit was reached." + pause + " Try again later, with a lower -parallelism, or with a higher max_retries."
	case http.StatusServiceUnavailable:
		return "The server is unavailable, for example because it is restarting." + pause + " Try again later."
	}
	return ""
}

func nextStepForUnexpectedResponse(e *permissionassist.UnexpectedResponseError) string {
	checkEndpoint := "Check the provider's endpoint (" + EnvEndpoint + ") and the proxies and load balancers in front of the server."

	switch status := e.StatusCode; {
	case e.Location != "":
		return "The provider does not redirect a POST, and does not follow a redirect to another server, because the token would go there. If " +
			"the server has moved there, set the provider's endpoint to it. If it is a login page, the API cannot be reached this way."
	case status == http.StatusUnauthorized && offersWindowsLogin(e.WWWAuthenticate):
		return "Windows authentication covers the API. Ask the administrator of the web server to turn it off for the path /api, which " +
			"authenticates by token."
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return "Permission Assist did not refuse the request; something in front of it did, such as a proxy or a firewall. " + checkEndpoint
	case e.Operation == permissionassist.OperationUpload &&
		slices.Contains([]int{http.StatusRequestEntityTooLarge, http.StatusNotFound, http.StatusInternalServerError}, status):
		return "The files may be larger than the server accepts. In IIS, two settings limit an upload: maxAllowedContentLength (30 MB by " +
			"default, responds 404 or 413) and ASP.NET's maxRequestLength (responds 500). " + checkEndpoint
	default:
		return cmp.Or(nextStepForBusyServer(e.Response), checkEndpoint)
	}
}

func offersWindowsLogin(header string) bool {
	header = strings.ToLower(header)
	return strings.HasPrefix(header, "negotiate") || strings.HasPrefix(header, "ntlm")
}

func nextStepForNoResponse(e *permissionassist.RequestError) string {
	var (
		dns   *net.DNSError
		op    *net.OpError
		proxy *permissionassist.ProxyError
	)
	tlsNextStep := nextStepForTLS(e)
	const checkProxy = "Check the environment variable HTTPS_PROXY (HTTP_PROXY for an http endpoint)."

	switch {
	case errors.As(e, &proxy):
		return nextStepForProxy(proxy)
	case errors.As(e, &op) && op.Op == "proxyconnect" && tlsNextStep != "":
		return "The TLS connection to the proxy failed, not the one to the server. " + checkProxy + " If the proxy expects plain http, as most " +
			"do, its address must start with http://. Otherwise set ca_cert_file to the authority of the proxy's certificate." + bypassProxy
	case e.Proxy != "" && tlsNextStep == "":
		return "The server cannot be reached through the proxy, or the proxy cannot be reached. " + checkProxy + bypassProxy
	case errors.Is(e, http.ErrSchemeMismatch):
		return "The server uses plain http on this port. Correct the provider's endpoint (" + EnvEndpoint + ")."
	case tlsNextStep != "":
		return tlsNextStep
	case e.CertificateMissing:
		return certificateMissing
	case e.CertificateUnused:
		return "The server did not request the configured client certificate. " + iisNegotiation + " Otherwise check the provider's endpoint " +
			"(" + EnvEndpoint + ") and try again."
	case e.UnusedProxy != "":
		return "The provider does not use ALL_PROXY. To connect through that proxy, set HTTPS_PROXY (HTTP_PROXY for an http endpoint). " +
			"Otherwise check the provider's endpoint (" + EnvEndpoint + ")."
	case errors.Is(e, permissionassist.ErrRequestTimeout):
		return "Try again, or raise the provider's request_timeout if the server is known to be slow."
	case errors.As(e, &dns):
		return "Check the server's name in the provider's endpoint (" + EnvEndpoint + ")."
	default:
		return "Check the provider's endpoint (" + EnvEndpoint + ") and that this machine can reach the server. Then try again."
	}
}

const bypassProxy = " To bypass the proxy, add the server's name to NO_PROXY."

const certificateMissing = "The server requested a client certificate, and none is configured. If it requires one (mutual TLS), set " +
	"client_cert_file (" + EnvClientCertFile + ") and client_key_file (" + EnvClientKeyFile + "). Otherwise try again."

// nextStepForTLS is empty if the error is not about TLS.
func nextStepForTLS(e *permissionassist.RequestError) string {
	problem := permissionassist.TLSProblemOf(e)
	if e.CertificateMissing && (problem == permissionassist.ClientCertificate || problem == permissionassist.HandshakeRefused) {
		return certificateMissing
	}
	return tlsNextSteps[problem]
}

func nextStepForProxy(e *permissionassist.ProxyError) string {
	if e.StatusCode == http.StatusProxyAuthRequired {
		return "Correct the user name and the password in the environment variable HTTPS_PROXY. The provider tried them only once, so that the " +
			"account does not get locked." + bypassProxy
	}
	return "Check the environment variable HTTPS_PROXY, and whether the proxy allows connections to this server." + bypassProxy
}

// iisNegotiation is for a server that requests the certificate after the
// handshake over TLS 1.3, which Go does not support and HTTP.sys breaks off
// (https://techcommunity.microsoft.com/t5/iis-support-blog/addressing-tls-1-3-compatibility-issues-in-iis-express-on/ba-p/4449362).
const iisNegotiation = "On IIS with TLS 1.3, the certificate must be requested in the handshake: enable Negotiate Client Certificate for " +
	"the site's binding (netsh http update sslcert with clientcertnegotiation=enable)."

var tlsNextSteps = map[permissionassist.TLSProblem]string{
	permissionassist.UnknownAuthority: "No trusted authority signed the server's certificate. Set ca_cert_file (" + EnvCACertFile +
		") or ca_cert_pem to the certificate of the authority that did, with its intermediate certificates if the server does not send them.",
	permissionassist.CertificateExpired: "The server's certificate has expired or is not valid yet. Check the clock of this machine, or " +
		"have the certificate renewed.",
	permissionassist.WrongHost: "The server's certificate does not cover this host name. Set the provider's endpoint (" + EnvEndpoint +
		") to a name that the certificate has as a Subject Alternative Name, or have the certificate replaced.",
	permissionassist.WrongUsage: "The server's certificate does not allow server authentication. Have it replaced with one that has the " +
		"extended key usage serverAuth.",
	permissionassist.InvalidCertificate: "The server's certificate is not valid. Have it replaced.",
	permissionassist.NoCommonProtocol: "The server does not support a TLS version and cipher that the provider accepts. The provider " +
		"requires TLS 1.2 or later. Ask your administrator to enable it.",
	permissionassist.ClientCertificate: "The server refused the client certificate, or requires one (mutual TLS). Set client_cert_file (" +
		EnvClientCertFile + ") and client_key_file (" + EnvClientKeyFile + "), and check that the server accepts that certificate. " +
		iisNegotiation,
	permissionassist.HandshakeRefused: "The server refused the TLS handshake. It may require a client certificate (client_cert_file, " +
		"client_key_file), or not support TLS 1.2 or later.",
	permissionassist.OtherTLSProblem: "The TLS handshake with the server failed. Check the provider's endpoint (" + EnvEndpoint +
		"), its port, and the proxies in front of the server.",
}
