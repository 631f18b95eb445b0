package permissionassist

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/sandbox/sandboxtest"
)

// The server echoes the token wherever it can; nothing passes it on.
func TestTokenIsNeverShown(t *testing.T) {
	t.Parallel()

	const token = testToken

	echo := `<html>Bearer ` + token + ` pa_` + strings.Repeat(" ", 200) + token + `</html>`

	for name, answer := range map[string]http.HandlerFunc{
		"envelope": replyJSON(400, `{"error":"validation_error","message":"bad `+token+`","correlationId":"`+token+`",
			"errors":[{"field":"`+token+`","message":"`+token+`"}]}`),
		"unknown code": replyJSON(400, `{"error":"`+token+`","correlationId":"1"}`),
		"page":         reply(500, "text/html; x="+token, echo),
		"not found":    reply(404, "text/html", echo),
		"good page":    reply(200, "text/html", echo),
		"wrong type":   replyJSON(200, `{"id":"`+token+`"}`),
		"wrong item":   replyJSON(200, `{"id":"`+unknownID+`","name":"`+token+`"}`),
		"redirect":     replyHTML(302, "Location: https://elsewhere.test/"+token+"?token="+token),
		"same origin":  replyHTML(302, "Location: /"+token+"?token="+token),
		"bad redirect": replyHTML(302, "Location: https://elsewhere.test/%zz"+token),
		"no scheme":    replyHTML(301, "Location: ://"+token),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			r := answering(answer)
			wantNoToken(t, newSocketClient(t, serve(t, r).URL))

			if len(r.seen()) == 0 {
				t.Error("no request arrived")
			}
		})
	}

	for name, answer := range map[string]string{
		"no HTTP":      "Bearer " + token + "\r\n\r\n",
		"bad status":   "HTTP/1.1 " + token + " OK\r\n\r\n",
		"bad header":   "HTTP/1.1 200 OK\r\n" + token + "\r\n\r\n",
		"bad length":   "HTTP/1.1 200 OK\r\nContent-Length: " + token + "\r\n\r\n",
		"bad encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + token + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			url, requests := serveRaw(t, answer)
			wantNoToken(t, newSocketClient(t, url))

			if requests.Load() == 0 {
				t.Error("no request arrived")
			}
		})
	}
}

// wantNoToken makes calls that fail and looks into their errors and logs.
func wantNoToken(t *testing.T, c *Client) {
	t.Helper()

	var logged bytes.Buffer

	ctx := tflogtest.RootLogger(t.Context(), &logged)

	_, errApp := c.GetApplication(ctx, appID)
	_, errImport := c.GetImport(ctx, importID, "")
	_, errCancel := c.CancelImport(ctx, importID)
	_, errStage := c.StageImport(ctx, appID)

	for _, err := range []error{errApp, errImport, errCancel, errStage} {
		if err == nil {
			t.Error("no error")

			continue
		}

		wantNotContains(t, err.Error(), testToken)
	}

	if logged.Len() == 0 {
		t.Error("nothing was logged")
	}

	wantNotContains(t, logged.String(), testToken, "Authorization")
}

func TestLogs(t *testing.T) {
	t.Parallel()

	s, url := sandboxtest.Start(t, sandbox.Options{Applications: []sandbox.Application{{ID: appID}}})

	var logged bytes.Buffer

	ctx := tflogtest.RootLogger(t.Context(), &logged)
	c := newSocketClient(t, url)

	if _, err := c.StageImport(ctx, appID); err != nil {
		t.Fatal(err)
	}

	_, err := c.GetImport(ctx, unknownID, "")
	api := wantErrorAs[*APIError](t, err)

	s.Inject(sandbox.Fault{Times: -1}) // net/http repeats a GET once, where the connection was an old one

	_, err = c.GetImport(ctx, unknownID, "")
	wantErrorOf[*RequestError](t, err)

	wantNotContains(t, logged.String(), testToken, "Bearer", "Authorization")

	entries, err := tflogtest.MultilineJSONDecode(&logged)
	if err != nil {
		t.Fatal(err)
	}

	if len(entries) != 4 {
		t.Fatalf("%d entries: %v", len(entries), entries)
	}

	for n, want := range []map[string]any{
		{"@level": "debug", "method": "GET", "path": "/api/application-imports", "status": 200.0, "attempt": 1.0, "correlation_id": nil},
		{"@level": "debug", "method": "POST", "path": "/api/application-imports/stage", "status": 201.0},
		{"@level": "debug", "status": 404.0, "correlation_id": api.CorrelationID},
		{"@level": "warn", "method": "GET", "status": nil},
	} {
		for key, value := range want {
			if entries[n][key] != value {
				t.Errorf("entry %d has %s %v, want %v", n, key, entries[n][key], value)
			}
		}
	}
}
