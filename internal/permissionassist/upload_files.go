package permissionassist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
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

func (e *FileError) Error() string {
	name := "the file " + ShowPath(e.Path)
	if e.FileGroupID != "" {
		name += " of the file group " + e.FileGroupID
	}
	return name + " cannot be uploaded: " + e.Err.Error()
}

func (e *FileError) Unwrap() error { return e.Err }

// HashFile reads a file without holding it in memory and returns the SHA-256 of
// its content in lower-case hexadecimal digits. A file that cannot be uploaded
// (it is missing, empty, unreadable, or not a regular file) is a *FileError;
// the end of the context ends the reading.
func HashFile(ctx context.Context, path string) (string, error) {
	var sum string
	err := whenFree(ctx, isBusy, func() error {
		file, _, err := openFile(path)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()

		content := sha256.New()
		for err == nil && ctx.Err() == nil {
			_, err = io.CopyN(content, file, 1<<20)
		}
		sum = hex.EncodeToString(content.Sum(nil))
		return err
	})
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case !errors.Is(err, io.EOF):
		return "", &FileError{Path: path, Err: describeFileError(path, err)}
	}
	return sum, nil
}

// CheckFile returns why a file cannot be uploaded, as a *FileError, or nil. It
// opens the file and does not read it.
func CheckFile(ctx context.Context, path string) error {
	file, _, err := openFree(ctx, path)
	if err != nil {
		return &FileError{Path: path, Err: err}
	}
	return file.Close()
}

// fileEnd follows a file in the body of an upload. It reports io.EOF only if the
// file still has the announced size. Otherwise the end of the body, which
// completes it, is not sent.
type fileEnd struct {
	part uploadPart
	body *uploadBody
	sum  hash.Hash
}

func (f *fileEnd) Read([]byte) (int, error) {
	info, err := f.part.file.Stat()
	if err == nil && info.Size() != f.part.size {
		err = fmt.Errorf("%w while it was being sent: it had %d bytes, and now it has %d", ErrFileChanged, f.part.size, info.Size())
	}
	if err != nil {
		return 0, &FileError{FileGroupID: f.part.group, Path: f.part.path, Err: withoutPath(err)}
	}

	f.body.mu.Lock()
	defer f.body.mu.Unlock()
	f.body.sums[f.part.group] = hex.EncodeToString(f.sum.Sum(nil))
	return 0, io.EOF
}
