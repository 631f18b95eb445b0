package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
)

// maxFormField bounds a form field that is not a file, in bytes.
const maxFormField = 1 << 10

// upload is the content of a multipart request.
type upload struct {
	applicationID string // the form field, "" if missing
	files         []File // FileGroupID is the part's name, unchanged
}

// readUpload reads a multipart request part by part. It keeps only the size,
// checksum and name of each file. A form that breaks off is refused, with what
// was read.
func readUpload(r *http.Request) (*upload, *response) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, refusal(page(http.StatusUnsupportedMediaType))
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, refusal(invalid("The request body is not a valid multipart form: " + err.Error()))
	}
	var u upload
	for {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // a truncated form fails with an error that wraps io.EOF
			return &u, nil
		}
		if err == nil {
			err = u.add(part)
		}
		if err != nil {
			return &u, refusal(invalid("The request body is not a valid multipart form: " + err.Error()))
		}
	}
}

func (u *upload) add(part *multipart.Part) error {
	if part.FileName() == "" {
		value, err := io.ReadAll(io.LimitReader(part, maxFormField))
		if part.FormName() == "applicationId" {
			u.applicationID = string(value)
		}
		return err
	}
	sum := sha256.New()
	size, err := io.Copy(sum, part)
	u.files = append(u.files, File{
		FileGroupID: part.FormName(), Name: part.FileName(), Size: size, SHA256: hex.EncodeToString(sum.Sum(nil)),
	})
	return err
}

// uploadFiles creates a new import from uploaded files. The application needs a
// file-based connector, but no schedule.
func (s *Server) uploadFiles(c *call) response {
	id := c.upload.applicationID
	if id == "" {
		id = c.query.Get("applicationId")
	}
	a, refused := s.importable(id)
	switch {
	case refused != nil:
		return *refused
	case len(a.FileGroups) == 0:
		return unprocessable("The application has no file-based connector")
	}
	files, wrong := matchFiles(a, c.upload.files)
	if len(wrong) > 0 {
		return envelope(http.StatusBadRequest, codeValidation, "One or more validation errors occurred", wrong...)
	}
	return s.created(a, files)
}

// matchFiles assigns each file to its file group, or returns the errors.
func matchFiles(a *Application, uploaded []File) ([]File, []wireFieldError) {
	var wrong []wireFieldError
	var files []File
	present := map[string]bool{}
	for _, f := range uploaded {
		group := a.fileGroup(f.FileGroupID)
		problem := ""
		switch {
		case group == nil:
			problem = "File group not found"
		case present[group.ID]:
			problem = "There is more than one file for the file group " + group.Name
		case f.Size == 0:
			problem = "The file " + f.Name + " is empty"
		}
		if group != nil {
			present[group.ID] = true
		}
		if problem != "" {
			wrong = append(wrong, wireFieldError{Field: f.FileGroupID, Message: problem})
			continue
		}
		f.ID, f.FileGroupID, f.FileGroup = newGUID(), group.ID, group.Name
		files = append(files, f)
	}
	for _, g := range a.FileGroups {
		if g.Required && !present[g.ID] {
			wrong = append(wrong, wireFieldError{Field: g.ID, Message: "The required file " + g.Name + " is missing"})
		}
	}
	return files, wrong
}

func (a *Application) fileGroup(id string) *FileGroup {
	for n := range a.FileGroups {
		if normalID(a.FileGroups[n].ID) == normalID(id) {
			return &a.FileGroups[n]
		}
	}
	return nil
}
