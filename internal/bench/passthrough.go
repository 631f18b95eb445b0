package bench

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// passthrough forwards TCP connections to a server. It can drop the traffic of
// existing connections, like a firewall that has forgotten them: nothing
// arrives anymore, and neither side gets an error. New connections work.
type passthrough struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu     sync.Mutex
	links  []*link
	closed bool
}

// link is one forwarded connection.
type link struct {
	client, server net.Conn
	dead           atomic.Bool
}

func newPassthrough(ctx context.Context, target string) (*passthrough, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &passthrough{listener: listener, target: target}
	p.running.Go(func() { p.accept(ctx) })
	return p, nil
}

func (p *passthrough) addr() string { return p.listener.Addr().String() }

func (p *passthrough) accept(ctx context.Context) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(ctx, "tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.forward(&link{client: client, server: server})
	}
}

func (p *passthrough) forward(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		l.close()
		return
	}
	p.links = append(p.links, l)
	p.running.Go(func() { l.copy(l.server, l.client) })
	p.running.Go(func() { l.copy(l.client, l.server) })
}

// killConnections drops all further traffic of the existing connections, and
// returns their number.
func (p *passthrough) killConnections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	killed := 0
	for _, l := range p.links {
		if !l.dead.Swap(true) {
			killed++
		}
	}
	return killed
}

// closeConnections closes the connections that exist, dead or not, so that both
// sides know.
func (p *passthrough) closeConnections() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.links {
		l.close()
	}
	p.links = nil
}

func (p *passthrough) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close()
	p.closeConnections()
	p.running.Wait()
}

// copy forwards one direction. Of a dead connection it still reads everything,
// so that the sender's own system confirms it, and passes nothing on, not even
// that the sender has closed it.
func (l *link) copy(to, from net.Conn) {
	_, _ = io.Copy(linkWriter{l, to}, from)
	if !l.dead.Load() {
		l.close()
	}
}

func (l *link) close() {
	_ = l.client.Close()
	_ = l.server.Close()
}

type linkWriter struct {
	link *link
	to   net.Conn
}

func (w linkWriter) Write(b []byte) (int, error) {
	if w.link.dead.Load() {
		return len(b), nil
	}
	return w.to.Write(b)
}
