package staging

import (
	"errors"
	"strings"
	"testing"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

func TestError(t *testing.T) {
	t.Parallel()

	cause, search := errors.New("lost"), errors.New("no list")
	many := make([]permissionassist.ApplicationImport, 23)
	for i := range many {
		many[i] = permissionassist.ApplicationImport{ID: importID, Number: int64(123 - i)}
	}

	for _, test := range []struct {
		err       Error
		fragments []string
	}{
		{Error{Outcome: NotStaged, Err: cause}, []string{"no import was staged", "lost"}},
		{Error{Outcome: Uncertain, Err: cause}, []string{"may have been staged", "lost", "not in the list"}},
		{Error{Outcome: Uncertain, Err: cause, SearchErr: search}, []string{"may have been staged", "lost", "no list"}},
		{Error{Outcome: Ambiguous, Err: cause, Candidates: many}, []string{"may have been staged", "#123 (" + importID + ")", "#104", "and 3 more"}},
	} {
		wantContains(t, test.err.Error(), test.fragments...)
		if !errors.Is(&test.err, cause) || test.err.SearchErr != nil && !errors.Is(&test.err, search) {
			t.Errorf("it does not wrap its causes: %v", &test.err)
		}
	}
	if text := (&Error{Outcome: Ambiguous, Err: cause, Candidates: many}).Error(); strings.Contains(text, "#103") {
		t.Errorf("more than 20 imports are named: %s", text)
	}
}
