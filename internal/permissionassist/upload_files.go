package permissionassist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrFileChanged means that a file changed its size while it was sent.
var ErrFileChanged = errors.New("the file changed")

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

// Error is one line with the path, the file group and the problem.
func (e *FileError) Error() string {
	name := "the file " + ShowPath(e.Path)
	if e.FileGroupID != "" {
		name += " of the file group " + e.FileGroupID
	}
	return name + " cannot be uploaded: " + e.Err.Error()
}

// Unwrap returns the problem.
func (e *FileError) Unwrap() error { return e.Err }

// HashFile reads a file without holding it in memory and returns the SHA-256 of
// its content in lower-case hexadecimal digits. A file that cannot be uploaded (it
// is missing, empty, unreadable, or not a regular file) is a *FileError; the end
// of the context ends the reading.
func HashFile(ctx context.Context, path string) (string, error) {
	file, _, err := openFile(path)
	if err != nil {
		return "", &FileError{Path: path, Err: err}
	}

	defer func() { _ = file.Close() }()

	sum := sha256.New()
	if _, err := io.Copy(sum, &readerUntil{ctx: ctx, r: file}); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", &FileError{Path: path, Err: withoutPath(err)}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// CheckFile returns why a file cannot be uploaded, as a *FileError, or nil. It
// opens the file and does not read it.
func CheckFile(path string) error {
	file, _, err := openFile(path)
	if err != nil {
		return &FileError{Path: path, Err: err}
	}
	return file.Close()
}

// readerUntil reads until the context ends.
type readerUntil struct {
	ctx context.Context
	r   io.Reader
}

func (r *readerUntil) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// openFile opens a file that can be uploaded and returns it with its size.
func openFile(path string) (*os.File, int64, error) {
	if path == "" {
		return nil, 0, errors.New("the path is empty")
	}
	// Without O_NONBLOCK, opening a named pipe waits for a writer.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, openError(path, err)
	}
	// Check the opened file: the path may have named another file before.
	info, err := file.Stat()
	switch {
	case err != nil:
		err = withoutPath(err)
	case info.IsDir():
		err = errors.New("it is a directory, and a file is expected")
	case !info.Mode().IsRegular():
		err = errors.New("it is not a regular file")
	case info.Size() == 0:
		err = errors.New("it is empty, which Permission Assist does not accept")
	}
	if err != nil {
		_ = file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// openError describes, in the same words on every system, why a file cannot be
// opened.
func openError(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		text := "it does not exist"
		if abs, absErr := filepath.Abs(path); absErr == nil && abs != path {
			text += fmt.Sprintf(" (looked for %q)", abs)
		}
		return &printableError{text: text, err: err}
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("it cannot be read: %w", withoutPath(err))
	default:
		return withoutPath(err)
	}
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

// sentFile is a file while it is being sent. It reads as many bytes as were
// announced, and reports io.EOF only if the file ends there. Otherwise the end of
// the body, which completes it, is not sent.
type sentFile struct {
	part uploadPart
	body *uploadBody
	read int64
	sum  hash.Hash
}

func (f *sentFile) Read(p []byte) (int, error) {
	if f.read == f.part.size {
		return 0, f.end()
	}

	// Not File.Read: net/http can still hold the body of an earlier attempt.
	n, err := f.part.file.ReadAt(p[:min(int64(len(p)), f.part.size-f.read)], f.read)
	f.read += int64(n)
	_, _ = f.sum.Write(p[:n]) // a hash.Hash never fails

	switch {
	case errors.Is(err, io.EOF) && f.read < f.part.size:
		return n, f.fault(fmt.Errorf("%w while it was being sent: it is now shorter than %d bytes", ErrFileChanged, f.part.size))
	case err != nil && !errors.Is(err, io.EOF):
		return n, f.fault(withoutPath(err))
	}
	return n, nil
}

// end records the checksum and returns io.EOF, unless the file goes on.
func (f *sentFile) end() error {
	switch n, err := f.part.file.ReadAt(make([]byte, 1), f.read); {
	case n > 0:
		return f.fault(fmt.Errorf("%w while it was being sent: it is now longer than %d bytes", ErrFileChanged, f.part.size))
	case !errors.Is(err, io.EOF):
		return f.fault(withoutPath(err))
	}

	f.body.mu.Lock()
	defer f.body.mu.Unlock()
	f.body.sums[f.part.group] = hex.EncodeToString(f.sum.Sum(nil))
	return io.EOF
}

func (f *sentFile) fault(err error) error {
	return &FileError{FileGroupID: f.part.group, Path: f.part.path, Err: err}
}
