// Package bench measures what the provider costs, with the built binary, a
// real Terraform and the sandbox: "make bench".
//
// Seconds say more about the machine than about the provider, so what counts
// are ratios: what is compared is run in turns in one go, and the noise of the
// machine hits both. The floor of an apply is as many time_static resources of
// hashicorp/time, an external provider that asks no server; that of an upload
// is curl.
//
// The sandbox runs in the program's own process: that is idle while Terraform
// runs, and can then count the requests, steer the builds and see the moment in
// which each of them ends. What is asserted are requests. Times are reported.
package bench
