package permissionassist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// Upload is a set of files from which an import can be staged. The files are read
// while they are sent and not held in memory.
type Upload struct {
	applicationID string
	contentType   string
	parts         []uploadPart
	// end follows the last file. Without it the form is not valid.
	end    string
	length int64
}

// uploadPart is one file, with everything that precedes it in the body.
type uploadPart struct {
	head        string
	group, path string
	size        int64
	// sha256 is the required checksum; empty accepts any content.
	sha256 string
}

// NewUpload checks the files and lays out the form; it sends nothing. files
// maps file group GUIDs to file paths. A file group with a SHA-256 (in
// hexadecimal digits) in sums accepts no other content: the upload then fails
// before the server can make an import of it. A file that cannot be uploaded is
// a *FileError.
func NewUpload(applicationID string, files, sums map[string]string) (*Upload, error) {
	if err := ValidateGUID(applicationID); err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("there are no files to upload")
	}

	var (
		b    bytes.Buffer
		form = multipart.NewWriter(&b)
		u    = Upload{applicationID: applicationID, contentType: form.FormDataContentType()}
		want = map[string]string{}
	)
	for group, sum := range sums {
		want[strings.ToLower(group)] = strings.ToLower(sum)
	}

	if err := form.WriteField("applicationId", applicationID); err != nil {
		return nil, fmt.Errorf("laying out the upload: %w", err)
	}
	for _, group := range sortedGUIDs(files) {
		part, err := newUploadPart(group, files[group])
		if err == nil && len(u.parts) > 0 && SameGUID(u.parts[len(u.parts)-1].group, group) {
			err = fmt.Errorf("the file group %s was given twice", group)
		}
		if err == nil {
			_, err = form.CreatePart(textproto.MIMEHeader{
				"Content-Disposition": {multipart.FileContentDisposition(group, uploadedName(part.path))},
				"Content-Type":        {"application/octet-stream"},
			})
		}
		if err != nil {
			return nil, err
		}

		part.head, part.sha256 = b.String(), want[strings.ToLower(group)]
		b.Reset()
		u.parts = append(u.parts, part)
		u.length += int64(len(part.head)) + part.size
	}
	if err := form.Close(); err != nil {
		return nil, fmt.Errorf("laying out the upload: %w", err)
	}
	u.end = b.String()
	u.length += int64(len(u.end))
	return &u, nil
}

// UploadApplicationImport sends one POST that stages an import from files. It is
// repeated only if the server certainly did not process it. The end of the
// context stops the sending of the files: the server cannot make an import of
// half of them. Use package staging, which finds out what a failed POST has done.
func (c *Client) UploadApplicationImport(ctx context.Context, u *Upload) (ApplicationImport, error) {
	// The client waits for 100 Continue before it sends the files. Otherwise, if the server refuses and closes the
	// connection early, its response is often lost.
	imp, err := c.upload(ctx, u, true)
	var unexpected *UnexpectedResponseError
	if errors.As(err, &unexpected) && unexpected.StatusCode == http.StatusExpectationFailed {
		// A proxy that does not support Expect: 100-continue.
		imp, err = c.upload(ctx, u, false)
	}
	return imp, err
}

func (c *Client) upload(ctx context.Context, u *Upload, askFirst bool) (ApplicationImport, error) {
	imp, _, err := c.doImport(ctx, &request{
		operation: OperationUpload, method: http.MethodPost, path: []string{"application-imports", "upload"}, maxBytes: maxImportBytes,
		body: &requestBody{contentType: u.contentType, length: u.length, open: u.open, upload: true, askFirst: askFirst},
	}, noLog)
	return imp, err
}

// sortedGUIDs returns the keys in an order that does not depend on their case.
func sortedGUIDs(files map[string]string) []string {
	return slices.SortedFunc(maps.Keys(files), func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	})
}

func newUploadPart(group, path string) (uploadPart, error) {
	if err := ValidateGUID(group); err != nil {
		return uploadPart{}, fmt.Errorf("the file group of the file %q: %w", path, err)
	}

	file, size, err := openFile(path)
	if err != nil {
		return uploadPart{}, &FileError{FileGroupID: group, Path: path, Err: err}
	}

	_ = file.Close()
	return uploadPart{group: group, path: path, size: size}, nil
}

// uploadedName is the file's name as the server gets it: the last element of its
// path, without characters that break a header's line, mean a folder on the
// server's system, or cannot be seen.
func uploadedName(path string) string {
	return strings.Map(func(r rune) rune {
		if r == '\\' || r == unicode.ReplacementChar || !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) {
			return '_'
		}
		return r
	}, filepath.Base(path))
}

// open opens the files and returns the body from its beginning.
func (u *Upload) open() (io.ReadCloser, error) {
	body := &uploadBody{}
	pieces := make([]io.Reader, 0, 2*len(u.parts)+1)

	for _, part := range u.parts {
		// All are opened before the first is sent, so that the server does not get half
		// of them.
		file, _, err := openFile(part.path)
		if err != nil {
			_ = body.Close()
			return nil, &FileError{FileGroupID: part.group, Path: part.path, Err: err}
		}

		body.files = append(body.files, file)
		pieces = append(pieces, strings.NewReader(part.head), newSentFile(part, file))
	}

	body.pieces = io.MultiReader(append(pieces, strings.NewReader(u.end))...)
	return body, nil
}

// uploadBody reads the pieces of an upload in sequence.
type uploadBody struct {
	pieces io.Reader
	files  []io.Closer
}

func (b *uploadBody) Read(p []byte) (int, error) { return b.pieces.Read(p) }

func (b *uploadBody) Close() error {
	var errs []error
	for _, file := range b.files {
		errs = append(errs, file.Close())
	}
	return errors.Join(errs...)
}
