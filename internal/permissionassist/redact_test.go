package permissionassist

import "testing"

func TestRedactJSON(t *testing.T) {
	t.Parallel()

	for in, want := range map[string]string{
		`{"a":"x pa_t+1 y","n":12345678901234567890.10}`: `{"a":"x [REDACTED] y","n":12345678901234567890.10}`,
		`{"a":["\u0070a_t\u002B1"],"b":true}`:            `{"a":["[REDACTED]"],"b":true}`,
		`{"pa_t+1":{"b":null}}`:                          `{"[REDACTED]":{"b":null}}`,
		`"\npa_t+1"`:                                     `"\n[REDACTED]"`,
		// Nothing to cut out: not a byte changes.
		`{ "b": "\u001b", "a": 1.50 }`: `{ "b": "\u001b", "a": 1.50 }`,
		`{"a":"pa_t"}`:                 `{"a":"pa_t"}`,
		`{"a":"pa_t+1`:                 `{"a":"pa_t+1`,
		``:                             ``,
	} {
		if got := string(redactJSON([]byte(in), "pa_t+1")); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}

	// A token of characters that JSON escapes.
	if got := string(redactJSON([]byte(`{"a":"x\"\\\/y"}`), `x"\/y`)); got != `{"a":"[REDACTED]"}` {
		t.Errorf("it becomes %s", got)
	}
}
