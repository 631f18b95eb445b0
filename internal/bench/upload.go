package bench

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

const (
	uploadGroup   = "8d2e6a90-71c4-4f3b-8a5d-3c9b7e5f1a01"
	uploadAtMost  = 1.15
	uploadResolve = 10 << 20 // below this size, connecting takes longer than uploading
)

// uploads compares uploads with those of curl, as the server sees them: from the
// request's header to the end of the response.
func uploads(ctx context.Context, b *bench) (Section, error) {
	s := Section{
		Title: "Upload",
		Note: "The same file to the same server, from the request's header to the end of the response, compared with `curl -F`. Terraform's " +
			"apply also hashes the file when it plans, and starts the provider three times. Peak memory is that of the provider's process " +
			"(VmHWM, Linux only); the provider of `time_static` does next to nothing.",
		Header: []string{"file", "provider", "curl", "provider, per second", "ratio", "goal", "", "apply in all", "peak memory", "memory of time_static"},
	}
	if b.Curl == "" {
		s.Note = "SKIPPED: there is no curl to compare with."
		return s, nil
	}
	srv := serve(sandbox.Options{Applications: []sandbox.Application{{
		ID: applicationID(0), Name: applicationName(0), FileGroups: []sandbox.FileGroup{{ID: uploadGroup, Name: "Users", Required: true}},
	}}})
	defer srv.close()
	f, err := b.newFolder(ctx, fmt.Sprintf(`%s
resource "permissionassist_application_import" "test" {
  application_id = %q
  files = {
    %q = "upload.bin"
  }
}
`, requirePermissionAssist, applicationID(0), uploadGroup))
	if err != nil {
		return s, err
	}
	f.use(srv.url())
	idle, err := b.idleMemory(ctx)
	if err != nil {
		return s, err
	}

	sizes := []int64{1 << 20, 100 << 20}
	if b.Full {
		sizes = append(sizes, 1<<30)
	}
	for _, size := range sizes {
		b.logf("%s", mebibytes(size))
		row, err := b.upload(ctx, srv, f, size)
		if err != nil {
			return s, err
		}
		s.Rows = append(s.Rows, append(row, memoryText(idle)))
	}
	return s, nil
}

// idleMemory is the peak memory of a provider that does next to nothing.
func (b *bench) idleMemory(ctx context.Context) (int64, error) {
	f, err := b.newFolder(ctx, estateConfig(floor, 1))
	if err != nil {
		return 0, err
	}
	peak := watchMemory(b.mirror())
	_, err = f.terraform(ctx, apply...)
	return peak(), err
}

func (b *bench) upload(ctx context.Context, srv *server, f *folder, size int64) ([]string, error) {
	file := filepath.Join(f.dir, "upload.bin")
	defer func() { _ = os.Remove(file) }()

	var took [2][]time.Duration // the provider's, curl's
	var applies []time.Duration
	var peak int64
	for run := range b.Runs {
		// New content each time: only the system's file cache can have it already.
		if err := writeRandom(file, size); err != nil {
			return nil, err
		}
		if err := f.forget(); err != nil {
			return nil, err
		}
		err := alternate(run, 2, func(i int) error {
			srv.reset()
			if i == 0 {
				watched := watchMemory(b.mirror())
				applied, err := f.terraform(ctx, apply...)
				peak = max(peak, watched())
				applies = append(applies, applied.wall)
				if err != nil {
					return err
				}
			} else if err := b.curl(ctx, srv, file); err != nil {
				return err
			}
			uploads := srv.finished(sandbox.OpUpload)
			if len(uploads) != 1 || uploads[0].began.IsZero() {
				return fmt.Errorf("the server got %d uploads, expected 1", len(uploads))
			}
			took[i] = append(took[i], uploads[0].ended.Sub(uploads[0].began))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	ratio := medianRatio(took[0], took[1])
	goal, verdict := "", ""
	if size >= uploadResolve {
		goal, verdict = fmt.Sprintf("≤ %.2f", uploadAtMost), met(ratio <= uploadAtMost)
	}
	return []string{
		mebibytes(size), millis(median(took[0])), millis(median(took[1])),
		fmt.Sprintf("%.0f MiB", float64(size)/(1<<20)/median(took[0]).Seconds()), fmt.Sprintf("%.2f", ratio), goal, verdict,
		seconds(median(applies)), memoryText(peak),
	}, nil
}

// curl uploads a file as the provider does. It reads the token from standard
// input, because everyone can read a command line.
func (b *bench) curl(ctx context.Context, srv *server, file string) error {
	cmd := exec.CommandContext(ctx, b.Curl, "--silent", "--show-error", "--fail-with-body", "--noproxy", "*", "--config", "-",
		"--form", "applicationId="+applicationID(0), "--form", uploadGroup+"=@"+file, srv.url()+"/api/application-imports/upload")
	cmd.Stdin = strings.NewReader("header = \"Authorization: Bearer " + token + "\"\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("curl: %w\n%s", err, out)
	}
	return nil
}

// writeRandom writes a file that cannot be compressed.
func writeRandom(name string, size int64) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	piece := make([]byte, 1<<20)
	_, _ = rand.Read(piece) // never fails
	for left := size; left > 0; left -= int64(len(piece)) {
		if _, err := file.Write(piece[:min(left, int64(len(piece)))]); err != nil {
			return err
		}
	}
	return nil
}
