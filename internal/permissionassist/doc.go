// Package permissionassist is a client for the Permission Assist API. It knows
// HTTP and Permission Assist. Of Terraform, it imports only the log, and some
// messages name the provider's arguments.
//
// Each method sends one request, or walks over one list, and returns typed
// values or typed errors: [APIError] if the API refused,
// [UnexpectedResponseError] if something other than the API responded,
// [RequestError] if there was no response. Every method ends with its context.
// The only exception is a POST that stages an import: once its body was sent,
// it is never canceled, because its response names the import that the server
// has just created.
//
// The facts about the API come from the vendor's public reference
// (docs.sycorr.com, /latest/api/). If the reference is silent or contradicts
// itself, the client is strict in what it sends and tolerant in what it
// accepts.
//
// How one request travels:
//
//	applications.go, application_imports.go …  the method: path, query, wire type
//	do.go                                      repeats attempts, decodes the response
//	processed.go                               whether a POST was processed
//	retry.go                                   whether and when another attempt is worth it
//	attempt.go                                 one attempt: token, time and size limits, log
//	errors.go                                  what can go wrong
package permissionassist
