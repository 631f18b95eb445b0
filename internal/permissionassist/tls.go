package permissionassist

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
)

// TLSProblem is why a TLS handshake failed.
type TLSProblem int

// The problems that need different advice.
const (
	NotTLSProblem      TLSProblem = iota
	UnknownAuthority              // no trusted authority signed the server's certificate
	CertificateExpired            // the server's certificate has expired or is not valid yet
	WrongHost                     // the server's certificate is for other names
	WrongUsage                    // the server's certificate is not for servers
	InvalidCertificate            // the server's certificate cannot be used for another reason
	NoCommonProtocol              // client and server share no TLS version or cipher
	ClientCertificate             // the server requires a client certificate, or refuses this one
	HandshakeRefused              // the server refused the handshake without a reason
	OtherTLSProblem
)

// TLSProblemOf returns why a TLS handshake failed. None of these problems
// disappears when the request is repeated.
func TLSProblemOf(err error) TLSProblem {
	var (
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		verify  *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		alert   *net.OpError
	)

	switch {
	case err == nil:
		return NotTLSProblem
	case errors.As(err, &unknown):
		return UnknownAuthority
	case errors.As(err, &host):
		return WrongHost
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return CertificateExpired
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return WrongUsage
	case errors.As(err, &invalid), errors.As(err, &verify), strings.Contains(err.Error(), "x509: "):
		return InvalidCertificate
	case errors.As(err, &alert) && alert.Op == "remote error":
		return problemOfAlert(alert.Err.Error())
	case strings.Contains(err.Error(), "unsupported protocol version"):
		return NoCommonProtocol
	case errors.As(err, &record), strings.Contains(err.Error(), "tls: "):
		// The errors of crypto/tls have this prefix, and no types (golang/go#56691).
		return OtherTLSProblem
	default:
		return NotTLSProblem
	}
}

// problemOfAlert returns the problem behind an alert of the server. crypto/tls
// does not export the type of alerts (golang/go#35234), so their texts are
// compared.
func problemOfAlert(text string) TLSProblem {
	switch strings.TrimPrefix(text, "tls: ") {
	case "protocol version not supported", "insufficient security level":
		return NoCommonProtocol
	case "bad certificate", "unsupported certificate", "revoked certificate", "expired certificate", "unknown certificate",
		"unknown certificate authority", "access denied", "certificate required":
		return ClientCertificate
	case "handshake failure":
		return HandshakeRefused
	default:
		return OtherTLSProblem
	}
}
