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

	"github.com/hashicorp/go-retryablehttp"
)

// UploadImport stages an import of an application from files, exactly once, as
// StageImport does. files has the path of a file for each file group's GUID. A
// file group that has a SHA-256 (in hexadecimal digits) in sums can have no other
// content: the upload fails then before the server can make an import of it.
//
// The files are read while they are sent and not held in memory.
// Config.RequestTimeout bounds how long nothing moves, and then the wait for the
// answer, not the whole. The end of the context ends the sending, because of
// files that the server has not got completely it cannot make an import; once
// it has got them the answer is awaited as by StageImport. A file that cannot
// be uploaded is a *NotStagedError around a *FileError. Nothing is sent where it
// is missing, empty or unreadable from the start.
func (c *Client) UploadImport(ctx context.Context, applicationID string, files, sums map[string]string) (Import, error) {
	u, err := newUpload(applicationID, files, sums)
	if err != nil {
		return Import{}, &NotStagedError{Err: err}
	}

	return c.stageOnce(ctx, applicationID, "upload", func(ctx context.Context, calling *call) (Import, error) {
		var w wireImport

		calling.streams = true
		unasked := *calling
		err := c.upload(ctx, calling, u, true, &w)

		var unexpected *UnexpectedResponseError
		if errors.As(err, &unexpected) && unexpected.StatusCode == http.StatusExpectationFailed {
			// A proxy that does not know how to ask before it is sent the files.
			err = c.upload(ctx, &unasked, u, false, &w)
		}

		if err != nil {
			return Import{}, err
		}

		return w.toImport(), nil
	})
}

// upload sends the files once, and again as far as it is safe. With ask, the
// server can refuse before it was sent the files, and be heard: one that
// refuses and closes the connection while they are on their way often is not.
func (c *Client) upload(ctx context.Context, calling *call, u *upload, ask bool, out wireAnswer) error {
	p := &payload{contentType: u.contentType, body: retryablehttp.ReaderFunc(u.open), length: u.length, ask: ask}

	return c.do(ctx, calling, http.MethodPost, []string{"application-imports", "upload"}, nil, p, out)
}

// upload is a request's body: a multipart form whose files stay where they are.
type upload struct {
	contentType string
	parts       []uploadPart
	// end stands behind the last file. Without it the form is not valid.
	end    string
	length int64
}

// uploadPart is one file, with all that stands before it in the body.
type uploadPart struct {
	head        string
	group, path string
	size        int64
	// sha256 is what the content must have; any where it is empty.
	sha256 string
}

// newUpload looks at the files and lays out the form.
func newUpload(applicationID string, files, sums map[string]string) (*upload, error) {
	if err := ValidateGUID(applicationID); err != nil {
		return nil, err
	}

	if len(files) == 0 {
		return nil, errors.New("there are no files to upload")
	}

	var (
		u    upload
		b    bytes.Buffer
		form = multipart.NewWriter(&b)
		want = map[string]string{}
	)

	for group, sum := range sums {
		want[strings.ToLower(group)] = strings.ToLower(sum)
	}

	u.contentType = form.FormDataContentType()

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

// sortedGUIDs are the keys in an order that does not depend on their case.
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

// uploadedName is the name that the server gets to know of a file: the last
// element of its path, without what breaks a header's line, means a folder on
// the server's system, or cannot be seen.
func uploadedName(path string) string {
	return strings.Map(func(r rune) rune {
		if r == '\\' || r == unicode.ReplacementChar || !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) {
			return '_'
		}

		return r
	}, filepath.Base(path))
}

// open opens the files and returns the body from its beginning.
func (u *upload) open() (io.Reader, error) {
	body := &uploadBody{}
	pieces := make([]io.Reader, 0, 2*len(u.parts)+1)

	for _, part := range u.parts {
		// All are opened at once: the server then does not get half of them.
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

// uploadBody reads the pieces of an upload one after the other.
type uploadBody struct {
	pieces io.Reader
	files  []io.Closer
}

// Read implements io.Reader.
func (b *uploadBody) Read(p []byte) (int, error) { return b.pieces.Read(p) }

// Close implements io.Closer.
func (b *uploadBody) Close() error {
	var errs []error
	for _, file := range b.files {
		errs = append(errs, file.Close())
	}

	return errors.Join(errs...)
}
