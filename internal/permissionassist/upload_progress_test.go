package permissionassist

import (
	"errors"
	"io"
	"net/http/httptrace"
	"strings"
	"testing"
)

// What end returns is final: net/http can still be sending a body when it
// returns a response, and a POST is repeated if none of its body was sent.
func TestUploadProgress_end(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		read int64
		stop bool
		want SendState
	}{
		"nothing sent": {0, false, SendState{Connected: true}},
		"part sent":    {4, false, SendState{Connected: true, BodyBytes: 4}},
		"interrupted":  {4, true, SendState{Connected: true, BodyBytes: 4}},
		"all sent":     {10, true, SendState{Connected: true, BodyBytes: 10, Complete: true}},
	} {
		p, interrupt := &uploadProgress{onRead: func() {}, left: 10}, errors.New("interrupt")
		body := p.follow(io.NopCloser(strings.NewReader("0123456789")), 10)
		p.gotConn(httptrace.GotConnInfo{})
		if _, err := io.CopyN(io.Discard, body, test.read); err != nil {
			t.Fatal(err)
		}
		rest := test.stop && p.stop(interrupt)

		got, stopped := p.end()
		if got != test.want || rest == got.Complete && test.stop || (stopped != nil) != rest {
			t.Errorf("%s: %+v, stopped %v", name, got, stopped)
		}
		if n, err := body.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("%s: %d bytes more, %v", name, n, err)
		}
	}
}
