package sandbox

import "time"

// DefaultToken is the bearer token a server accepts when Options.Token is
// empty. Permission Assist's own tokens begin with pa_, too.
const DefaultToken = "pa_sandbox_token"

// DefaultTokenName is the token's name when Options.TokenName is empty.
const DefaultTokenName = "sandbox"

// Options says what a new server is like. Its zero value is a server without
// applications that accepts DefaultToken and builds in no time.
type Options struct {
	// Token is the bearer token that opens every endpoint; "" is DefaultToken.
	Token string
	// TokenName is the token's name, which ends up in an import's createdBy;
	// "" is DefaultTokenName.
	TokenName string
	// BuildTime is how long a build takes. With 0 an import is done as soon as
	// the build job gets to it.
	BuildTime time.Duration
	// Applications are there from the start, see Server.AddApplication.
	Applications []Application
	// Retention has the earlier failed imports of an application removed as
	// soon as one of its imports succeeds: a setting of the product's
	// administrators.
	Retention bool
	// Dialect says in which of the documented forms the server answers.
	Dialect Dialect
	// OnRequest, if not nil, is called at the end of each request by the
	// goroutine that serves it, with the state the request is in by then.
	OnRequest func(Request)
}

// Dialect holds what the vendor's pages disagree on or leave open. Its zero
// value is the fullest documented form.
type Dialect struct {
	// ImportType is how the type of API-staged imports is spelled: the pages
	// have "API" (which "" stands for) and "Api".
	ImportType string
	// OmitApplication, OmitCreatedBy, OmitLog, OmitFiles and OmitMetrics leave
	// that field out where a whole import is answered (stage, upload, cancel,
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
	// NoGetImport, NoGetApplication, NoListImports and NoListApplications
	// answer that operation as IIS does when there is no such path: with a
	// 404 that is an HTML page.
	NoGetImport, NoGetApplication, NoListImports, NoListApplications bool
	// UpperCaseIDs writes GUIDs in upper case.
	UpperCaseIDs bool
}

// lacks reports whether op is switched off.
func (d Dialect) lacks(op Operation) bool {
	switch op {
	case OpGetImport:
		return d.NoGetImport
	case OpGetApplication:
		return d.NoGetApplication
	case OpListImports:
		return d.NoListImports
	case OpListApplications:
		return d.NoListApplications
	default:
		return false
	}
}
