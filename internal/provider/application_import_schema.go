package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The defaults of the settings, including those of an import that came from
// terraform import.
const (
	defaultCancelOnDestroy  = true
	defaultRestageOnFailure = true
)

func applicationImportSchema() schema.Schema {
	// ModifyPlan decides which results a plan keeps.
	results := importAttributes()
	addCompleteAttributes(results)
	results["id"] = computedText("GUID of the import.")
	results["status"] = computedText(importStatus + " To wait for the end, use `permissionassist_application_import_completion`.")
	results["staged_at"] = computedText("Time when the import was staged, by the clock of the machine that ran Terraform, in RFC 3339 " +
		"format and UTC. After `terraform import`, it is `build_start` if that has a time zone, or else the time when Terraform imported the " +
		"resource.")
	results["application_name"] = computedText("Name of the application when the import was last read." + nullUnknown)

	attributes := settingAttributes()
	attributes["files_sha256"] = schema.MapAttribute{
		MarkdownDescription: "SHA-256 of each uploaded file in hexadecimal digits, by file group. Null if nothing was uploaded. Known after " +
			"apply if the plan stages a new import.",
		Computed:    true,
		ElementType: types.StringType,
	}
	for name, result := range results {
		attributes[name] = result
	}

	return schema.Schema{
		MarkdownDescription: "Stages an import of an application in Permission Assist. Staging an import starts it: the server queues it right " +
			"away. It uses the files and connector settings of the application's import schedule (not the scheduled time), or uploaded `files`. " +
			"The resource does not wait for the import; `permissionassist_application_import_completion` does.\n\n" +
			"A new import is staged if `application_id`, `triggers` or the content of `files` changes, if the last import failed (see " +
			"`restage_on_failure`), or if it has ended and is older than `max_age`. Otherwise, status changes on the server do not show up in the " +
			"plan.\n\n" +
			"An import cannot be deleted. Destroying the resource cancels an import that has not ended, unless `cancel_on_destroy` is " +
			"`false`. The record stays in Permission Assist. A plan that cancels an import says so. The exception is `-replace`: Terraform does " +
			"not tell the provider about it.",
		Attributes: attributes,
	}
}

func settingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"application_id": required(applicationToImport+" A different application stages a new import. If the ID is known only after apply, the "+
			"plan keeps the import and warns that it assumes the same application.", applicationIDCheck()),
		"triggers": schema.MapAttribute{
			MarkdownDescription: "Arbitrary values, such as a release version or a file hash. Any change stages a new import, except that " +
				"the first triggers of a resource that had none are only recorded. Null entries do not count. A value that is known only after apply " +
				"counts as a change.",
			Optional:    true,
			ElementType: types.StringType,
		},
		"files": filesAttribute(),
		"cancel_on_destroy": schema.BoolAttribute{
			MarkdownDescription: "Whether destroying or replacing the resource cancels an import that has not ended. Terraform does not " +
				"wait for the cancellation. Default: `true`.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(defaultCancelOnDestroy),
		},
		"restage_on_failure": schema.BoolAttribute{
			MarkdownDescription: "Whether the next plan replaces an import whose status is Failed. A Canceled import is never replaced because of " +
				"its status: a person decided that. Default: `true`.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(defaultRestageOnFailure),
		},
		"max_age": optional("How old the import may become, as a duration such as `20h` or `90m`. A plan replaces an import that has ended, "+
			"with any status, if it was staged longer ago than this (see `staged_at`). If such an import has not ended, the plan keeps it and "+
			"warns. With `-refresh=false` or `-minimal-refresh`, the plan only warns. Default: no limit.", durationCheck()),
	}
}
