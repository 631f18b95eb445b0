// Package sandbox is an in-memory Permission Assist server. Unit tests,
// lifecycle tests with a real Terraform and the demo run against it.
//
// It follows the vendor's public API documentation (docs.sycorr.com,
// /latest/api/…) and has its own wire types, written from that documentation
// and not shared with the client: a mistake in a JSON name must not pass
// because both sides make it. What the documentation leaves open, or states
// differently on different pages, can be switched with a [Dialect].
//
// A [Server] is an [net/http.Handler]. It runs one background job that builds
// the staged imports one after the other, as the product does; it records the
// requests it gets; and it can be told to misbehave ([Server.Inject]) in the
// ways networks, proxies and overloaded servers do.
//
// The package uses the plain clock of package time and waits on channels only,
// so that it can run inside a testing/synctest bubble.
package sandbox
