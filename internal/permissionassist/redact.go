package permissionassist

import (
	"bytes"
	"encoding/json"
	"strings"
)

const redacted = "[REDACTED]"

func redact(s, token string) string {
	return strings.ReplaceAll(s, token, redacted)
}

// redactJSON cuts the token out of the strings of a JSON text, should the
// server echo it in what is taken for data: an import's log ends up in
// diagnostics, and its other fields in the state. An encoder may have escaped
// some of its characters.
func redactJSON(body []byte, token string) []byte {
	if !bytes.Contains(body, []byte(token)) && !bytes.Contains(body, []byte(`\u`)) && !strings.ContainsAny(token, `"\/`) {
		return body
	}

	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()

	var value any
	if decoder.Decode(&value) != nil {
		return body
	}

	clean, found := redactValue(value, token)
	if !found {
		return body
	}

	out, err := json.Marshal(clean)
	if err != nil {
		return body
	}

	return out
}

func redactValue(value any, token string) (clean any, found bool) {
	switch v := value.(type) {
	case string:
		return redact(v, token), strings.Contains(v, token)
	case []any:
		for i, element := range v {
			changed, here := redactValue(element, token)
			v[i], found = changed, found || here
		}

		return v, found
	case map[string]any:
		out := make(map[string]any, len(v))

		for key, element := range v {
			changed, here := redactValue(element, token)
			out[redact(key, token)], found = changed, found || here || strings.Contains(key, token)
		}

		return out, found
	default:
		return value, false
	}
}
