package provider

import (
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/permissionassist/terraform-provider-permissionassist/internal/permissionassist"
)

// freshnessModel has the arguments and the result of the freshness check.
type freshnessModel struct {
	MaxAge   types.String `tfsdk:"max_age"`
	TimeZone types.String `tfsdk:"time_zone"`
	IsFresh  types.Bool   `tfsdk:"is_fresh"`
}

func freshnessAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"max_age": optional("Maximum time since the import ended for it to count as fresh, as a duration such as `24h` or `1h30m`, by the clock "+
			"of this machine. Sets `is_fresh`.", durationCheck()),
		"time_zone": optional("Time zone of the server, as an IANA name such as `UTC` or a Windows name such as `Eastern Standard Time`, for a "+
			"`build_end` without a time zone. Only `is_fresh` uses it. Default: such a time cannot be used.", timeZoneCheck()),
		"is_fresh": computedBool("Whether the import is `Finished` and its `build_end` is at most `max_age` ago. `false`, with a warning, if " +
			"the import has another status or no usable time: none is reported, it has no time zone, or it is in the future. Null without " +
			"`max_age`."),
	}
}

// setFresh sets is_fresh, and explains with a warning why it is false if that
// does not result from the import's age.
func (m *freshnessModel) setFresh(imp permissionassist.ApplicationImport, now time.Time, diags *diag.Diagnostics) {
	maxAge, err := time.ParseDuration(m.MaxAge.ValueString())
	if m.MaxAge.IsNull() || err != nil {
		return
	}
	ended, err := m.ended(imp, now)
	if err != nil {
		diags.AddAttributeWarning(path.Root("is_fresh"), "Import is not fresh", fmt.Sprintf(
			"is_fresh is false for %s, because %s.", imp, err))
	}
	m.IsFresh = types.BoolValue(err == nil && now.Sub(ended) <= maxAge)
}

// clockSkew is how far the clocks of the server and this machine may differ.
const clockSkew = 5 * time.Minute

// ended returns when a finished import ended.
func (m *freshnessModel) ended(imp permissionassist.ApplicationImport, now time.Time) (time.Time, error) {
	var zone *time.Location // nil if there is none
	if name := m.TimeZone.ValueString(); name != "" {
		zone, _ = loadZone(name) // the validator has accepted it
	}
	ended, err := permissionassist.ParseTimestamp(imp.BuildEnd, zone)
	switch {
	case imp.Status != permissionassist.StatusFinished:
		return ended, errors.New("it is not Finished. To read the last import that is, use application_id with statuses = [\"Finished\"]")
	case imp.BuildEnd == "":
		return ended, errors.New("the server does not report when it ended")
	case errors.Is(err, permissionassist.ErrNoZone):
		return ended, errors.New("its build_end has no time zone. Set time_zone to the server's")
	case err != nil:
		return ended, errors.New("its build_end is not a timestamp")
	case ended.Sub(now) > clockSkew:
		return ended, errors.New("its build_end is in the future. Check time_zone and the clock of this machine")
	}
	return ended, nil
}
