// Package sandbox is an in-memory Permission Assist server. Unit tests,
// lifecycle tests with a real Terraform and the demo run against it.
//
// It follows the vendor's public API documentation (docs.sycorr.com,
// /latest/api/…) and has its own wire types, written from that documentation
// and not shared with the client: a wrong JSON name must not pass because both
// sides share it. If the pages are silent or contradict each other, a [Dialect]
// selects the variant.
//
// A [Server] is a [net/http.Handler]. It runs one background job that builds
// the staged imports one at a time, like the product; it records requests; and
// with [Server.Inject] it fails the way networks, proxies and overloaded
// servers fail.
//
// The package uses the plain clock of package time and waits on channels only,
// so that it can run inside a testing/synctest bubble.
package sandbox
