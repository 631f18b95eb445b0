package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// watchMemory watches the processes whose program is in a folder. The returned
// function stops that and returns the peak resident memory of the largest of
// them. The kernel keeps the peak, so a look every few milliseconds misses only
// what a process gains just before it ends. Without Linux's /proc, it is 0.
func watchMemory(dir string) (peak func() int64) {
	var (
		most int64
		done = make(chan struct{})
		over sync.WaitGroup
	)
	over.Go(func() {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				most = max(most, residentPeak(dir))
			case <-done:
				return
			}
		}
	})
	return func() int64 {
		close(done)
		over.Wait()
		return most
	}
}

func residentPeak(dir string) int64 {
	var most int64
	programs, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, program := range programs {
		// Processes of other users cannot be read, and are not ours.
		if target, err := os.Readlink(program); err != nil || !strings.HasPrefix(target, dir+"/") {
			continue
		}
		kib := strings.TrimSuffix(procField(filepath.Join(filepath.Dir(program), "status"), "VmHWM"), " kB")
		if n, err := strconv.ParseInt(kib, 10, 64); err == nil {
			most = max(most, n<<10)
		}
	}
	return most
}
