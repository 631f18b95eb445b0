package permissionassist

import (
	"net/http"
	"testing"
	"time"
)

func TestNow(t *testing.T) {
	t.Parallel()

	inBubble(t, "skewed", func(t *testing.T) {
		server := time.Date(2031, time.May, 4, 3, 2, 1, 0, time.UTC)
		date := "Date: " + server.Format(http.TimeFormat)
		c := newTestClient(t, responding(
			replyJSON(200, importJSON(importID, appID), date),
			replyJSON(200, importJSON(importID, appID), "Date: yesterday"),
			replyHTML(404, "Date: Mon, 02 Jan 2006 15:04:05 GMT"),
		))
		if got := c.Now(); !got.Equal(time.Now()) {
			t.Errorf("before the first response, it is %s", got)
		}

		for range 3 {
			_ = getImport(t.Context(), c)
		}
		<-time.After(time.Minute)
		if got := c.Now(); !got.Equal(server.Add(time.Minute)) {
			t.Errorf("a minute later, it is %s", got)
		}
	})
}
