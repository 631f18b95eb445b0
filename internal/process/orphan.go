package process

import (
	"os"
	"time"
)

const (
	// orphanPause is the time between two checks of Terraform and of the POSTs.
	orphanPause = 500 * time.Millisecond
	// orphanPatience is how long a provider without a Terraform waits for its
	// POSTs.
	orphanPatience = 2 * time.Minute
)

// EndWithTerraform ends the process when Terraform is gone. go-plugin does not
// (hashicorp/go-plugin#210): if Terraform is killed, its providers live on.
// They hold the output of a pipeline's step open, so that the step hangs, and
// on Windows they lock their own .exe.
//
// posts returns the number of POSTs under way. Their responses are awaited
// first, because a server may or may not stage an import if the connection
// breaks.
//
// Do not call it in debug mode: there, Terraform is not the parent.
func EndWithTerraform(posts func() int) {
	gone := parentGone()
	go func() {
		<-gone
		for start := time.Now(); posts() > 0 && time.Since(start) < orphanPatience; {
			<-time.After(orphanPause)
		}
		os.Exit(1)
	}()
}
