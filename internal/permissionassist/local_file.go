package permissionassist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Sentinels for local files that cannot be read. fs.ErrNotExist is another one.
var (
	// ErrFileEmpty means that a file has no content.
	ErrFileEmpty = errors.New("it is empty")
	// ErrFileBusy means that another program does not allow reading the file.
	ErrFileBusy = errors.New("another program is using it")
)

// FileError is a file that cannot be uploaded.
type FileError struct {
	// FileGroupID is the file group that the file was for; empty if only the file
	// was read.
	FileGroupID string
	// Path is the file's path as it was given.
	Path string
	// Err is the problem, without the path, such as ErrFileChanged.
	Err error
}

func (e *FileError) Error() string {
	name := "the file " + ShowPath(e.Path)
	if e.FileGroupID != "" {
		name += " of the file group " + e.FileGroupID
	}
	return name + " cannot be uploaded: " + e.Err.Error()
}

func (e *FileError) Unwrap() error { return e.Err }

const (
	// busyPatience is how long a file may be busy. An exporter or a virus scanner
	// needs a moment.
	busyPatience = 10 * time.Second
	busyPause    = 250 * time.Millisecond
)

// isBusy reports whether another program holds a file: Windows' errors
// ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION, which package syscall does
// not name
// (https://learn.microsoft.com/windows/win32/debug/system-error-codes--0-499-).
func isBusy(err error) bool {
	const sharingViolation, lockViolation = syscall.Errno(32), syscall.Errno(33)
	return runtime.GOOS == "windows" && (errors.Is(err, sharingViolation) || errors.Is(err, lockViolation))
}

// whenFree calls read until it no longer fails because the file is busy.
func whenFree(ctx context.Context, busy func(error) bool, read func() error) error {
	for start := time.Now(); ; {
		err := read()
		if !busy(err) {
			return err
		}
		if time.Since(start) >= busyPatience || sleep(ctx, busyPause) != nil {
			return fmt.Errorf("%w: %w", ErrFileBusy, withoutPath(err))
		}
	}
}

// openFree opens a file that has content, and returns it with its size. It
// waits a while for a busy file. The error does not name the file.
func openFree(ctx context.Context, path string) (file *os.File, size int64, err error) {
	err = whenFree(ctx, isBusy, func() (err error) {
		file, size, err = openFile(path)
		return err
	})
	return file, size, describeFileError(path, err)
}

func openFile(path string) (*os.File, int64, error) {
	if path == "" {
		return nil, 0, errors.New("the path is empty")
	}
	// Without O_NONBLOCK, opening a named pipe waits for a writer
	// (golang/go#33050).
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}

	// Check the opened file: the path may have named another file before.
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("it is a directory, and a file is expected")
	case info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket|fs.ModeDevice) != 0:
		// Not IsRegular: a file of OneDrive is irregular on Windows (golang/go#22579,
		// golang/go#61893).
		err = errors.New("it is a pipe, a socket or a device, and a file is expected")
	case info.Size() == 0:
		err = ErrFileEmpty
	}
	if err != nil {
		_ = file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// describeFileError describes, in the same words on every system, why a file
// cannot be read.
func describeFileError(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		text := "it does not exist"
		abs, absErr := filepath.Abs(path)
		if absErr == nil && !filepath.IsAbs(path) {
			text += " (looked for " + ShowPath(abs) + ")"
		}
		text += similarFile(path)
		// Windows reports a server or drive that it cannot reach in the same way.
		if volume := filepath.VolumeName(abs); volume != "" {
			if _, err := os.Stat(volume + `\`); err != nil {
				text += ", or this account cannot reach the server or drive " + ShowPath(volume)
			}
		}
		return &printableError{text: text, err: err}
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("it cannot be read: %w", withoutPath(err))
	default:
		return withoutPath(err)
	}
}

// similarFile returns what is there instead of a file that does not exist.
func similarFile(path string) string {
	if target, err := os.Readlink(path); err == nil {
		return ": it is a link to " + ShowPath(target) + ", which does not exist"
	}
	if strings.HasPrefix(path, "~") {
		return `: only a shell replaces ~ with the home directory. Use pathexpand("~/…")`
	}
	// macOS can store names decomposed, and Linux compares their bytes
	// (core.precomposeUnicode in https://git-scm.com/docs/git-config).
	for _, form := range []norm.Form{norm.NFC, norm.NFD} {
		if other := form.String(path); other != path {
			if _, err := os.Lstat(other); err == nil {
				return ": there is a file whose name looks the same and has other Unicode characters for accented letters. Rename it"
			}
		}
	}
	return ""
}

// withoutPath removes the path from an error of package os: the message already
// names the file.
func withoutPath(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// readFile calls read with an open file that has content, and with its size. It
// waits a while for a busy file. The error does not name the file.
func readFile(ctx context.Context, path string, read func(file *os.File, size int64) error) error {
	return describeFileError(path, whenFree(ctx, isBusy, func() error {
		file, size, err := openFile(path)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		return read(file, size)
	}))
}

// ReadSmallFile reads a file of at most limit bytes, such as a certificate. The
// error does not name the file.
func ReadSmallFile(ctx context.Context, path string, limit int64) (data []byte, err error) {
	err = readFile(ctx, path, func(file *os.File, size int64) error {
		if size > limit {
			return fmt.Errorf("it is larger than %d bytes", limit)
		}
		data, err = io.ReadAll(io.LimitReader(file, limit))
		return err
	})
	return data, err
}

// HashFile reads a file without holding it in memory and returns the SHA-256 of
// its content in lower-case hexadecimal digits. A file that cannot be uploaded
// (it is missing, empty, unreadable, or not a regular file) is a *FileError;
// the end of the context ends the reading.
func HashFile(ctx context.Context, path string) (string, error) {
	content := sha256.New()
	err := readFile(ctx, path, func(file *os.File, _ int64) (err error) {
		content.Reset()
		for err == nil && ctx.Err() == nil {
			_, err = io.CopyN(content, file, 1<<20)
		}
		return err
	})
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case !errors.Is(err, io.EOF):
		return "", &FileError{Path: path, Err: err}
	}
	return hex.EncodeToString(content.Sum(nil)), nil
}

// CheckFile returns why a file cannot be uploaded, as a *FileError, or nil. It
// opens the file and does not read it.
func CheckFile(ctx context.Context, path string) error {
	if err := readFile(ctx, path, func(*os.File, int64) error { return nil }); err != nil {
		return &FileError{Path: path, Err: err}
	}
	return nil
}
