package permissionassist

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Upload is a set of files from which an import can be staged. The files are
// opened once, read while they are sent, and not held in memory.
type Upload struct {
	contentType string
	parts       []uploadPart
	// end follows the last file. Without it the form is not valid.
	end    string
	length int64
	// body is the newest body of a request.
	body *uploadBody
}

// uploadPart is one file, with everything that precedes it in the body.
type uploadPart struct {
	head        string
	group, path string
	file        *os.File
	size        int64
}

// NewUpload opens the files and lays out the form; it sends nothing. files maps
// file group GUIDs to file paths. A file that cannot be uploaded is a
// *FileError. Call Close when done.
func NewUpload(ctx context.Context, applicationID string, files map[string]string) (*Upload, error) {
	var b bytes.Buffer // writing to it never fails
	form := multipart.NewWriter(&b)
	u := &Upload{contentType: form.FormDataContentType()}
	_ = form.WriteField("applicationId", applicationID)

	for _, group := range slices.Sorted(maps.Keys(files)) {
		path := files[group]
		file, size, err := openFree(ctx, path)
		if err != nil {
			u.Close()
			return nil, &FileError{FileGroupID: group, Path: path, Err: err}
		}
		_, _ = form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {multipart.FileContentDisposition(group, uploadedName(path))},
			"Content-Type":        {"application/octet-stream"},
		})
		u.parts = append(u.parts, uploadPart{head: b.String(), group: group, path: path, file: file, size: size})
		u.length += int64(b.Len()) + size
		b.Reset()
	}

	_ = form.Close()
	u.end = b.String()
	u.length += int64(len(u.end))
	return u, nil
}

// Close closes the files.
func (u *Upload) Close() {
	for _, part := range u.parts {
		_ = part.file.Close() // it was only read
	}
}

// SHA256 returns the SHA-256 of what the last attempt sent of each file, by
// file group as given, in lower-case hexadecimal digits. A file that was not
// sent completely is missing.
func (u *Upload) SHA256() map[string]string {
	if u.body == nil {
		return nil
	}
	u.body.mu.Lock()
	defer u.body.mu.Unlock()
	return maps.Clone(u.body.sums)
}

// UploadApplicationImport sends one POST that stages an import from files. It
// is repeated only if the server certainly did not process it. The end of the
// context stops the sending of the files: the server should not make an import
// of half of them. Use package staging, which finds out what a failed POST has
// done.
func (c *Client) UploadApplicationImport(ctx context.Context, u *Upload) (ApplicationImport, error) {
	imp, _, err := c.doImport(ctx, &request{
		operation: OperationUpload, method: http.MethodPost, path: []string{"application-imports", "upload"}, maxBytes: maxImportBytes,
		// The client waits for 100 Continue before it sends the files. Otherwise, if
		// the server refuses and closes the connection early, its response is often
		// lost (golang/go#51109).
		body: &requestBody{contentType: u.contentType, length: u.length, open: u.open, slow: true, expectContinue: true},
	}, false)
	return imp, err
}

// uploadedName is the file's name as the server gets it: the last element of
// its path, without characters that break a header's line, mean a folder on the
// server's system (RFC 7578, section 4.2), or cannot be seen.
func uploadedName(path string) string {
	return strings.Map(func(r rune) rune {
		if r == '\\' || r == unicode.ReplacementChar || !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) {
			return '_'
		}
		return r
	}, filepath.Base(path))
}

// open returns the body from its beginning.
func (u *Upload) open() io.ReadCloser {
	body := &uploadBody{sums: map[string]string{}}
	pieces := make([]io.Reader, 0, 3*len(u.parts)+1)
	for _, part := range u.parts {
		// Not the file itself: net/http can still read the body of an earlier
		// attempt.
		file, sum := io.NewSectionReader(part.file, 0, part.size), sha256.New()
		pieces = append(pieces, strings.NewReader(part.head), io.TeeReader(file, sum), &fileEnd{part: part, body: body, sum: sum})
	}
	body.Reader = io.MultiReader(append(pieces, strings.NewReader(u.end))...)
	u.body = body
	return body
}

// uploadBody reads the pieces of an upload in sequence.
type uploadBody struct {
	io.Reader

	mu   sync.Mutex
	sums map[string]string
}

func (b *uploadBody) Close() error { return nil }

// ErrFileChanged means that a file changed its size while it was sent.
var ErrFileChanged = errors.New("the file changed")

// fileEnd follows a file in the body of an upload. It reports io.EOF only if
// the file still has the announced size. Otherwise the end of the body, which
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
