package sandbox

import "time"

// DefaultToken is the bearer token a server accepts if Options.Token is empty.
// Permission Assist's own tokens begin with pa_, too.
const DefaultToken = "pa_sandbox_token"

// Options configures a new server. The zero value is a server without
// applications that accepts DefaultToken and builds instantly.
type Options struct {
	// Token is the bearer token for every endpoint; "" is DefaultToken.
	Token string
	// TokenName becomes the createdBy of imports; "" is "sandbox".
	TokenName string
	// BuildTime is how long a build takes. With 0, an import finishes as soon
	// as the build job starts it.
	BuildTime time.Duration
	// Applications exist from the start, see Server.AddApplication.
	Applications []Application
	// Dialect selects among the documented forms of responses.
	Dialect Dialect
	// OnRequest, if not nil, is called at the end of each request, on the
	// goroutine that serves it, with the final record.
	OnRequest func(Request)
}

// Dialect selects among the variants that the vendor's pages allow if they are
// silent or disagree. The zero value is the most complete documented form.
type Dialect struct {
	// ImportType is the type of API-staged imports. The pages spell it "API"
	// (the default) and "Api".
	ImportType string
	// OmitApplication, OmitCreatedBy, OmitLog, OmitFiles and OmitMetrics omit
	// that field from responses with a single import (stage, upload, cancel,
	// get). Lists do not change.
	OmitApplication, OmitCreatedBy, OmitLog, OmitFiles, OmitMetrics bool
	// TimesWithoutZone writes 2026-02-20T08:15:00 instead of
	// 2026-02-20T08:15:00Z.
	TimesWithoutZone bool
	// NotStartedFirst puts imports without a build start at the beginning of
	// the list instead of at its end.
	NotStartedFirst bool
	// ExtraFields adds fields that no page documents to imports, files,
	// applications and pages of lists.
	ExtraFields bool
	// NoGetImport, NoGetApplication and NoListImports respond to that operation
	// like IIS to an unknown path: with a 404 and an HTML page.
	NoGetImport, NoGetApplication, NoListImports bool
	// UpperCaseIDs writes GUIDs in upper case.
	UpperCaseIDs bool
	// IgnoreFilters ignores the parameters of the lists of access requests and
	// personnel events, except for the page.
	IgnoreFilters bool
	// OldestFirst turns the order of these lists around.
	OldestFirst bool
	// CompactValues writes RoleTransition and ServiceAccount instead of Role
	// Transition and Service Account.
	CompactValues bool
	// NoIAMOperations responds to everything about personnel events with 403, like
	// a server without the license for that module (inferred).
	NoIAMOperations bool
}

// lacks reports whether the server does not have op.
func (d Dialect) lacks(op Operation) bool {
	return d.NoGetImport && op == OpGetImport || d.NoGetApplication && op == OpGetApplication || d.NoListImports && op == OpListImports
}
