//go:build unix

package process

import (
	"os"
	"time"
)

// parentGone returns a channel that is closed when the parent has ended.
// Another process, often the first one, then becomes the parent.
func parentGone() <-chan struct{} {
	gone, parent := make(chan struct{}), os.Getppid()
	go func() {
		for os.Getppid() == parent {
			<-time.After(orphanPause)
		}
		close(gone)
	}()
	return gone
}
