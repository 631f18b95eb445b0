// Command terraform-provider-permissionassist serves the Terraform provider for
// Permission Assist. Terraform starts it; developers start it with -debug.
package main

import (
	"flag"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
	"github.com/permissionassist/terraform-provider-permissionassist/internal/process"
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
		process.Tune()
		process.LeaveSIGTERMToTerraform()
		process.EndWithTerraform(permissionassist.PostsUnderWay)
	}

	// With GODEBUG=http2debug, net/http logs the headers of requests.
	secrets := &provider.Secrets{}
	log.SetOutput(secrets.Writer(os.Stderr))

	if err := tf6server.Serve(provider.Address, provider.NewServer(version, commit, secrets), opts...); err != nil {
		log.Fatal(err)
	}
}
