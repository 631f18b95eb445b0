package permissionassist

import (
	"cmp"
	"crypto/tls"
	"errors"
	"io"
	"net/http/httptrace"
	"sync"
)

// uploadProgress follows one attempt while its body is sent. A request without
// a body is complete once it has a connection.
type uploadProgress struct {
	// onRead is called for each piece of the body that is handed to a connection.
	onRead func()

	mu    sync.Mutex
	state SendState
	// connections is how many new connections were made.
	connections int
	http2       bool
	// left is how much of the body is still to be sent.
	left int64
	// err is why the rest of the body is not sent: a file's error, or the end of
	// the caller's context.
	err error
}

// gotConn is the hook of [httptrace.ClientTrace]. It returns how many new
// connections the attempt has made.
func (p *uploadProgress) gotConn(info httptrace.GotConnInfo) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	conn, ok := info.Conn.(*tls.Conn)
	p.http2 = ok && conn.ConnectionState().NegotiatedProtocol == "h2"
	p.state.Connected = true
	if !info.Reused {
		p.connections++
	}
	return p.connections
}

// follow starts to follow a body of the given length.
func (p *uploadProgress) follow(body io.ReadCloser, length int64) io.ReadCloser {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = length
	return &followedBody{ReadCloser: body, progress: p}
}

// stop keeps the rest of the body from being sent, and reports whether there
// was a rest.
func (p *uploadProgress) stop(cause error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left > 0 && p.err == nil {
		p.err = cause
	}
	return p.left > 0
}

// netHTTPMayRepeat reports whether net/http may repeat the request by itself,
// as it does if it considers that safe. Over HTTP/1 it is, because nothing was
// written (golang/go#18241). Over HTTP/2, net/http trusts a server that resets
// a stream, which may have processed the request (golang/go#47635,
// golang/go#20985, TestAttempt_streamReset fails without it).
func (p *uploadProgress) netHTTPMayRepeat() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.http2 || p.state.BodyBytes == 0
}

var errAttemptEnded = errors.New("the attempt has ended")

// end returns how far the attempt got, and why the rest of the body was not
// sent; nil if nothing stopped it. From then on, nothing is sent: net/http can
// still be sending when it returns a response.
func (p *uploadProgress) end() (state SendState, stopped error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	state, stopped = p.state, p.err
	state.Complete = state.Connected && p.left == 0
	p.err = cmp.Or(p.err, errAttemptEnded)
	return state, stopped
}

type followedBody struct {
	io.ReadCloser
	progress *uploadProgress
}

func (b *followedBody) Read(data []byte) (int, error) {
	n, err := b.ReadCloser.Read(data)

	p := b.progress
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil && err != nil && !errors.Is(err, io.EOF) {
		p.err = err
	}
	if p.err != nil {
		return 0, p.err
	}
	p.left -= int64(n)
	p.state.BodyBytes += int64(n)
	p.onRead()
	return n, err
}
