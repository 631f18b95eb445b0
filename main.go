// Command terraform-provider-permissionassist serves the Terraform provider
// for Permission Assist. Terraform starts it; people only do so with -debug.
package main

import (
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/provider"
)

// Set by the linker in a release build.
var (
	version = "dev"
	commit  = ""
)

func main() {
	debug := flag.Bool("debug", false, "run so that a debugger can be attached: prints TF_REATTACH_PROVIDERS for the terraform to be debugged")
	flag.Parse()

	var opts []tf6server.ServeOpt

	if *debug {
		opts = append(opts, tf6server.WithManagedDebug())
	} else {
		leaveSIGTERMToTerraform()
	}

	if err := tf6server.Serve(provider.Address, provider.NewServer(version, commit), opts...); err != nil {
		log.Fatal(err)
	}
}

// leaveSIGTERMToTerraform keeps the provider alive when a whole process group
// is told to terminate, as CI runners do. Terraform gets the signal too, asks
// its providers to stop and needs their answers, with which it saves what they
// have just made. (The plugin library does the same for SIGINT, but not for
// SIGTERM.) A provider whose Terraform is gone has nobody to answer and ends.
func leaveSIGTERMToTerraform() {
	terminations := make(chan os.Signal, 1)
	signal.Notify(terminations, syscall.SIGTERM)

	terraform := os.Getppid()

	go func() {
		for range terminations {
			if os.Getppid() != terraform {
				os.Exit(1)
			}
		}
	}()
}
