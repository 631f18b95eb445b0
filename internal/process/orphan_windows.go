package process

import (
	"os"
	"syscall"
)

// parentGone returns a channel that is closed when the parent has ended. On
// Windows, the parent's ID never changes, but a handle to the parent can be
// waited for. Without the right to open it, the channel is never closed.
func parentGone() <-chan struct{} {
	gone := make(chan struct{})
	parent, err := syscall.OpenProcess(syscall.SYNCHRONIZE, false, uint32(os.Getppid()))
	if err != nil {
		return gone
	}
	go func() {
		defer func() { _ = syscall.CloseHandle(parent) }()
		if event, err := syscall.WaitForSingleObject(parent, syscall.INFINITE); err == nil && event == syscall.WAIT_OBJECT_0 {
			close(gone)
		}
	}()
	return gone
}
