package bench

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

func TestPassthrough(t *testing.T) {
	t.Parallel()

	p, err := newPassthrough(t.Context(), echoServer(t))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()

	before := dial(t, p.addr())
	if err := echo(before, time.Minute); err != nil {
		t.Fatalf("a connection that is alive: %v", err)
	}
	if n := p.killConnections(); n != 1 {
		t.Errorf("%d connections were killed, want 1", n)
	}
	if err := echo(before, 50*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a dead connection: %v, want silence", err)
	}
	if err := echo(dial(t, p.addr()), time.Minute); err != nil {
		t.Errorf("a new connection: %v", err)
	}

	p.closeConnections()
	if err := echo(before, time.Minute); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a closed connection: %v, want an error at once", err)
	}
}

// echoServer returns the address of a server that echoes its input.
func echoServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed when the test ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// echo sends a byte and waits for it to come back.
func echo(c net.Conn, timeout time.Duration) error {
	_ = c.SetDeadline(time.Now().Add(timeout))
	if _, err := c.Write([]byte{'x'}); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, 1))
	return err
}
