package permissionassist

import (
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
