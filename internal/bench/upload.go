package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
)

const fileGroup = "8d2e6a90-71c4-4f3b-8a5d-3c9b7e5f1a01"

// upload compares the upload of a file with that of curl.
func upload(size int) func(context.Context, *bench, int) ([]line, error) {
	return func(ctx context.Context, b *bench, round int) ([]line, error) {
		apps := applications(1)
		apps[0].FileGroups = []sandbox.FileGroup{{ID: fileGroup, Name: "Users", Required: true}}
		srv := serve(apps)
		defer srv.close()
		f, err := b.newFolder(ctx, srv.front.URL, fmt.Sprintf(`
resource "permissionassist_application_import" "each" {
  application_id = %q
  files          = { %q = "upload.bin" }
}
`, apps[0].ID, fileGroup))
		if err != nil {
			return nil, err
		}
		file := filepath.Join(f.dir, "upload.bin")
		defer func() { _ = os.Remove(file) }()
		if err := writeRandom(file, size); err != nil {
			return nil, err
		}

		l := line{name: fmt.Sprintf("upload of %d MiB", size>>20), other: "curl"}
		err = alternate(round, func() error {
			srv.ResetRequests()
			peak := watchMemory(b.mirror())
			_, err := f.run(ctx, apply...)
			l.memory, l.requests = peak(), srv.requests()
			return errors.Join(err, receive(ctx, srv.uploads, &l.ours))
		}, func() error {
			return errors.Join(curl(ctx, srv, apps[0].ID, file), receive(ctx, srv.uploads, &l.theirs))
		})
		return []line{l}, err
	}
}

// receive waits for the time of an upload: a client can have its response
// before the server has returned.
func receive(ctx context.Context, from <-chan time.Duration, to *time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	select {
	case *to = <-from:
		return nil
	case <-ctx.Done():
		return errors.New("the server got no upload")
	}
}

// curl uploads a file as the provider does. It reads the token from standard
// input, because everyone can read a command line.
func curl(ctx context.Context, srv *server, applicationID, file string) error {
	cmd := exec.CommandContext(ctx, "curl", "--silent", "--show-error", "--fail-with-body", "--noproxy", "*", "--config", "-",
		"--form", "applicationId="+applicationID, "--form", fileGroup+"=@"+file, srv.front.URL+"/api/application-imports/upload")
	cmd.Stdin = strings.NewReader("header = \"Authorization: Bearer " + sandbox.DefaultToken + "\"\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("curl: %w\n%s", err, out)
	}
	return nil
}

// writeRandom writes a file that cannot be compressed.
func writeRandom(name string, size int) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	piece := make([]byte, 1<<20)
	_, _ = rand.Read(piece) // never fails
	for range size >> 20 {
		if _, err := file.Write(piece); err != nil {
			return err
		}
	}
	return nil
}
