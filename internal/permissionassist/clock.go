package permissionassist

import (
	"net/http"
	"sync/atomic"
	"time"
)

// serverClock is the server's clock as its responses show it; the zero value is
// the local clock. The age of an import is measured with it, so that a wrong
// clock on this machine does not matter.
type serverClock struct {
	// ahead is how many nanoseconds the server's clock is ahead of the local one.
	ahead atomic.Int64
}

// set sets the clock to the Date of a response that was just read. Without a
// valid Date, it stays as it is.
func (s *serverClock) set(date string) {
	if now, err := http.ParseTime(date); err == nil {
		s.ahead.Store(int64(time.Until(now)))
	}
}

// Now returns the time by the server's clock: the Date of the newest successful
// response plus the time since then, or the local time before the first one.
func (c *Client) Now() time.Time {
	return time.Now().Add(time.Duration(c.clock.ahead.Load()))
}
