package permissionassist

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// gzipped responds with a small compressed body of before, n times repeated,
// and after.
func gzipped(tb testing.TB, status int, before, repeated string, n int, after string) http.HandlerFunc {
	tb.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		tb.Fatal(err)
	}
	for _, s := range []string{before, strings.Repeat(repeated, n), after} {
		if _, err := w.Write([]byte(s)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return replyJSON(status, b.String(), "Content-Encoding: gzip")
}

// A small compressed response takes little memory, whatever its uncompressed
// size. Not parallel: it measures what the whole process allocates.
func TestWire_memory(t *testing.T) {
	const size = maxPageBytes / 4
	imp, app := `{"id":"`+importID+`",`, `{"id":"`+appID+`",`
	for name, test := range map[string]struct {
		call                    func(context.Context, *Client) error
		before, repeated, after string
		size                    int
		status                  int
		harmless                bool // not an error
	}{
		"items": {call: listApplications, before: `{"items":[{}`, repeated: ",{}", after: `]}`, size: size},
		"files of an item": {
			call: listImports, before: `{"items":[` + imp + `"files":[{}`, repeated: ",{}", after: `]}]}`, size: size, harmless: true,
		},
		"files":                    {call: getImport, before: imp + `"files":[{}`, repeated: ",{}", after: `]}`, size: size, harmless: true},
		"too many bytes":           {call: listApplications, before: `{"items":[`, repeated: " ", after: `]}`, size: 2 * maxPageBytes},
		"nested arrays":            {call: getImport, before: imp + `"metrics":`, repeated: "[", size: size},
		"arrays in metrics":        {call: getImport, before: imp + `"metrics":[[]`, repeated: ",[]", after: `]}`, size: size, harmless: true},
		"arrays as a log":          {call: getImport, before: imp + `"log":[[]`, repeated: ",[]", after: `]}`, size: size, harmless: true},
		"words of a status":        {call: getImport, before: imp + `"status":"`, repeated: "a ", after: `"}`, size: size, harmless: true},
		"fields of an application": {call: getApplication, before: app + `"x":0`, repeated: `,"":0`, after: `}`, size: size, harmless: true},
		"names of fields": {
			call: getApplication, before: app + `"x":0` + fields(40_000), repeated: " ", after: `}`, size: 1, harmless: true,
		},
		"field errors": {
			call: getImport, status: 400, before: `{"error":"validation_error","message":"x","errors":[{}`, repeated: ",{}", after: `]}`, size: size,
		},
		"an error page": {call: getImport, status: 403, before: "<html>", repeated: "a ", size: size},
	} {
		status := max(test.status, 200)
		r := responding(gzipped(t, status, test.before, test.repeated, test.size/len(test.repeated), test.after))
		c := newSocketClient(t, serve(t, r).URL)

		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := test.call(t.Context(), c)
		runtime.ReadMemStats(&after)
		if (err == nil) != test.harmless {
			t.Errorf("%s: the error is %v", name, err)
		}
		// What is live at any time is less.
		got, most := (after.TotalAlloc-before.TotalAlloc)>>20, uint64(16)
		if got > most {
			t.Errorf("%s: %d MiB were allocated, want %d at most", name, got, most)
		}
	}
}

func fields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%d":0`, i)
	}
	return b.String()
}

// An array that is too long costs no more than its rest, except for the items
// of a list, which must be complete.
func TestElements_tooMany(t *testing.T) {
	t.Parallel()

	for n, good := range map[int]bool{0: true, 1: true, maxElements: true, maxElements + 1: false} {
		elements := "[" + strings.TrimSuffix(strings.Repeat("{},", n), ",") + "]"
		c := newTestClient(t, responding(
			replyJSON(200, `{"id":"`+importID+`","files":`+elements+`}`),
			page(itemsJSON(1, n), fmt.Sprintf(`,"totalPages":1,"totalCount":%d`, n)),
			replyJSON(400, `{"error":"validation_error","message":"x","errors":`+elements+`}`),
		))
		got, err := c.GetApplicationImport(t.Context(), importID)
		if err != nil || len(got.Files) != min(n, maxElements) {
			t.Errorf("%d files: %d, %v", n, len(got.Files), err)
		}
		if err := listApplications(t.Context(), c); (err == nil) != good || !good && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d items: %v", n, err)
		}
		err = getImport(t.Context(), c)
		if api := wantErrorAs[*APIError](t, err); len(api.Fields) != min(n, maxElements) {
			t.Errorf("%d field errors: %d", n, len(api.Fields))
		}
	}
}

// A wrong JSON type names the field and the expected type, never Go's.
func TestDecode_wrongType(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		call func(context.Context, *Client) error
		body string
		want string
	}{
		{getImport, `{"id":7}`, `the field "id" has the JSON type number, and string`},
		{getImport, `[]`, "the body has the JSON type array, and object"},
		{getImport, `"x"`, "the body has the JSON type string, and object"},
		{listImports, `{"items":{"a":1}}`, `the field "items" has the JSON type object, and array`},
		{listImports, `{"items":[{"id":true}]}`, `the field "items.id" has the JSON type bool, and string`},
		{listImports, `{"items":[7]}`, `the field "items" has the JSON type number, and object`},
		{listImports, `{"items":[],"totalCount":"many"}`, `the field "totalCount" has the JSON type string, and whole number`},
		{gates["personnel events"].call, `{"items":[{"id":7}]}`, `the field "items.id" has the JSON type number, and string`},
		{listApplications, `{"items":[],"totalPages":1.5}`, `the field "totalPages" has the JSON type number, and whole number`},
		{listApplications, `{"items":[{"id":{}}]}`, `the field "items.id" has the JSON type object, and string`},
	} {
		err := test.call(t.Context(), newTestClient(t, responding(replyJSON(200, test.body))))
		unexpected := wantErrorAs[*UnexpectedResponseError](t, err)
		wantContains(t, unexpected.Reason, test.want)
		wantNotContains(t, unexpected.Reason, "wire", "Go ", "permissionassist.", "elements")
	}
}

func TestValidateGUID(t *testing.T) {
	t.Parallel()

	const guid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

	for _, good := range []string{guid, strings.ToUpper(guid)} {
		if err := ValidateGUID(good); err != nil || !SameGUID(guid, good) {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", strings.ReplaceAll(guid, "-", ""), "{" + guid + "}", guid + "\n", "\n" + guid, guid + "0", guid[1:],
		strings.Replace(guid, "3", "g", 1), strings.Replace(guid, "3", "３", 1), guid + "/..", "3f2504e-04f89-41d3-9a0c-0305e82c33010",
	} {
		err := ValidateGUID(bad)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("%q: the error is %v, want one that shows the value", bad, err)
		}
		if SameGUID(guid, bad) {
			t.Errorf("%q is the same as %s", bad, guid)
		}
	}
}
