package bench

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const (
	// deadConnectionAtMost is how long an HTTP/2 connection may be dead before
	// the provider uses another one. HTTP/1.1 has no pings: there, only the
	// request timeout (30 s unless configured) ends a read.
	deadConnectionAtMost = 15 * time.Second
	// deadConnectionPatience is how long the benchmark waits for that.
	deadConnectionPatience = 45 * time.Second
)

// deadConnections measures how long a wait is stuck after its connection was
// lost silently.
func deadConnections(ctx context.Context, b *bench) (Section, error) {
	s := Section{
		Title: "A connection dies silently",
		Note: "From the moment when nothing arrives anymore on the connections that exist, in either direction, until the server gets the " +
			"next read in a wait. New connections work. TLS, a request timeout of 30 s. One run.",
		Header: []string{"protocol", "wait goes on after", "goal", ""},
	}
	for _, http2 := range []bool{true, false} {
		row, err := b.deadConnection(ctx, http2)
		if err != nil {
			return s, err
		}
		s.Rows = append(s.Rows, row)
	}
	return s, nil
}

func (b *bench) deadConnection(ctx context.Context, http2 bool) ([]string, error) {
	protocol := "HTTP/1.1"
	if http2 {
		protocol = "HTTP/2.0"
	}
	b.logf("%s", protocol)
	srv := serveTLS(sandbox.Options{Applications: applications(1)}, http2)
	defer srv.close()
	srv.HoldBuilds()
	pass, err := newPassthrough(ctx, srv.addr())
	if err != nil {
		return nil, err
	}
	defer pass.close()
	f, err := b.newFolder(ctx, waitConfig(1))
	if err != nil {
		return nil, err
	}
	caCert := filepath.Join(f.dir, "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: srv.front.Certificate().Raw}
	if err := os.WriteFile(caCert, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	f.use("https://"+pass.addr(), "PERMISSIONASSIST_CA_CERT_FILE="+caCert)

	var silence time.Duration
	_, err = f.applyWhile(ctx, srv, func(ctx context.Context) error {
		// However long it takes, the wait must be able to end.
		defer pass.closeConnections()
		silence, err = killWhileWaiting(ctx, srv, pass)
		return err
	})
	if err != nil {
		return nil, err
	}
	if used := srv.protocol(); used != protocol {
		return nil, fmt.Errorf("the provider used %s, expected %s", used, protocol)
	}

	measured := seconds(silence)
	if silence >= deadConnectionPatience {
		measured = "> " + measured
	}
	if !http2 {
		return []string{protocol, measured, "", ""}, nil
	}
	return []string{protocol, measured, "≤ " + seconds(deadConnectionAtMost), met(silence <= deadConnectionAtMost)}, nil
}

// killWhileWaiting kills the connection of a wait between two reads and returns
// how long it takes until the next read arrives, or deadConnectionPatience.
func killWhileWaiting(ctx context.Context, srv *server, pass *passthrough) (time.Duration, error) {
	if err := srv.AwaitCount(ctx, sandbox.OpGetImport, 2); err != nil {
		return 0, err
	}
	reads := len(srv.finished(sandbox.OpGetImport))
	if pass.killConnections() == 0 {
		return 0, errors.New("the provider has no connection")
	}
	killed := time.Now()
	ctx, cancel := context.WithTimeout(ctx, deadConnectionPatience)
	defer cancel()
	switch err := srv.AwaitCount(ctx, sandbox.OpGetImport, reads+1); {
	case errors.Is(err, context.DeadlineExceeded):
		return deadConnectionPatience, nil
	case err != nil:
		return 0, err
	}
	return time.Since(killed), nil
}
