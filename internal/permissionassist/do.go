package permissionassist

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// request is one request to the API.
type request struct {
	operation Operation
	method    string
	// path is relative to the base URL. Its elements are words and GUIDs.
	path  []string
	query url.Values
	body  *requestBody // nil without a body
	// maxBytes bounds the response's body after decompression.
	maxBytes int64
	// repeatable is set if sending it twice does no harm.
	repeatable bool
}

// requestBody is the body of a request. It can be opened again for each
// attempt.
type requestBody struct {
	contentType string
	length      int64
	open        func() io.ReadCloser
	// slow is set for an upload. The timeout then bounds how long no byte is sent.
	slow bool
	// expectContinue sends "Expect: 100-continue" (RFC 9110, section 10.1.1), so
	// that the server can refuse before it gets the body.
	expectContinue bool
}

// response is a 2xx response, read to its end.
type response struct {
	about       Request
	status      int
	contentType string
	body        []byte
}

func (c *Client) get(operation Operation, maxBytes int64, query url.Values, path ...string) *request {
	return &request{operation: operation, method: http.MethodGet, path: path, query: query, maxBytes: maxBytes, repeatable: true}
}

// post returns a POST with a JSON object of one field.
func (c *Client) post(operation Operation, field, value string, path ...string) *request {
	data, _ := json.Marshal(map[string]string{field: value}) // strings never fail
	return &request{
		operation: operation, method: http.MethodPost, path: path, maxBytes: maxImportBytes,
		body: &requestBody{
			contentType: "application/json", length: int64(len(data)),
			open: func() io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) },
		},
	}
}

// do sends a request, repeats it as retry.go allows, and returns the 2xx
// response. The error is an *APIError, *UnexpectedResponseError or
// *RequestError.
func (c *Client) do(ctx context.Context, r *request) (*response, error) {
	pauses := newBackOff()
	var last error // why the attempt before failed
	for attempts := 1; ; attempts++ {
		resp, err := c.attempt(ctx, r, attempts)
		switch {
		case err == nil:
			return resp, nil
		case endedByCaller(err):
			return nil, &RequestError{Request: RequestOf(err), Err: ctx.Err(), Last: last}
		case !r.mayRepeat(err) || attempts > c.maxRetries:
			return nil, err
		}

		last = err
		pause, bearable := pauseAfter(ctx, err, pauses)
		if !bearable {
			return nil, err
		}
		if responseOf(err).StatusCode == http.StatusExpectationFailed {
			r.body.expectContinue = false
		}
		if sleep(ctx, pause) != nil {
			// The last attempt's error is still worth knowing, but nothing is under way.
			about := RequestOf(err)
			about.SendState = SendState{}
			return nil, &RequestError{Request: about, Err: ctx.Err(), Last: last}
		}
	}
}

// checker is a wire type that checks its required fields: any JSON object can
// be decoded into any of the types.
type checker interface{ check() error }

// decode decodes a 2xx response.
func decode[T checker](c *Client, resp *response) (T, error) {
	var value T
	err := describeTypeError(unmarshal(resp.body, &value))
	if err == nil {
		err = value.check()
	}
	if err != nil {
		return value, c.unexpected(resp, fmt.Errorf("the response is not what the Permission Assist API returns: %w", err))
	}
	return value, nil
}

// getItem reads one item of a collection from its own endpoint.
func getItem[W wireItem](ctx context.Context, c *Client, operation Operation, collection, id string) (item W, resp *response, err error) {
	if err := ValidateGUID(id); err != nil {
		return item, nil, err
	}
	resp, err = c.do(ctx, c.get(operation, maxPageBytes, nil, collection, id))
	if err != nil {
		return item, nil, err
	}
	item, err = decode[W](c, resp)
	if err == nil && !SameGUID(string(item.itemID()), id) {
		err = c.unexpected(resp, errOtherItem)
	}
	return item, resp, err
}

// unmarshal decodes JSON, with or without a byte order mark, which .NET can
// write and encoding/json refuses (RFC 8259, section 8.1; golang/go#12254).
func unmarshal(data []byte, into any) error { return json.Unmarshal(withoutBOM(data), into) }

func withoutBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }

// unexpected returns the error for a 2xx response with an unexpected body.
func (c *Client) unexpected(resp *response, reason error) error {
	return &UnexpectedResponseError{
		Request: resp.about, Response: Response{StatusCode: resp.status}, ContentType: c.line(resp.contentType),
		Excerpt: c.excerpt(resp.about.Operation, resp.body), Reason: c.line(reason.Error()),
		tooLarge: errors.Is(reason, ErrTooLarge),
	}
}

// errOtherItem means that a response is about another item than the requested
// one. A confused cache or proxy can send such a response.
var errOtherItem = errors.New("the response is about another item")
