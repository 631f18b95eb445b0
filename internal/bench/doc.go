// Package bench measures the costs of the provider with the built binary, a
// real Terraform and the sandbox: "make bench".
//
// Seconds depend on the machine, so only ratios count: the compared programs
// run alternately, so that the machine's noise affects both. An apply is
// compared with as many time_static resources of hashicorp/time, an external
// provider that sends no requests; an upload is compared with curl.
//
// The sandbox runs in the benchmark's own process, which is otherwise idle while
// Terraform runs: it counts the requests, controls the builds and records when
// each of them ends. A wrong number of requests is an error. Times and memory
// are only reported.
//
// The package is a separate Go module, because it needs go-plugin and grpc to
// start a provider without Terraform, and the provider should not require them.
package bench
