# A policy over the JSON of a plan: terraform show -json plan.tfplan
package permissionassist

# No provider block exposes the token. A value that is not a constant counts as true.
deny contains message if {
	some key, config in input.configuration.provider_config
	endswith(config.full_name, "/permissionassist/permissionassist")
	some argument in ["insecure_skip_verify", "allow_insecure_http"]
	setting := config.expressions[argument]
	object.get(setting, "constant_value", true) != false
	message := sprintf("provider %s: %s is set", [key, argument])
}

# The plan must include the priority of each application, so that the policy can identify the critical ones.
deny contains message if {
	some item in imports
	not priorities[item.values.application_id]
	message := sprintf("%s: look the application up with a data source, so that the plan has its priority", [item.address])
}

# A completion waits for each import of a critical application.
deny contains message if {
	some item in imports
	priorities[item.values.application_id] == "Critical"
	not item.name in waited
	message := sprintf("%s: the application is critical, but no completion waits for the import", [item.address])
}

# All imports that exist after the apply, in any module.
imports contains item if {
	some item in resources(input.planned_values)
	item.type == "permissionassist_application_import"
	item.mode == "managed"
}

# Application ID -> priority, from every data source that the plan has read.
priorities[application.id] := application.priority if {
	some item in resources(input.prior_state.values)
	item.mode == "data"
	some application in array.concat([item.values], object.get(item.values, "applications", []))
	application.id
	application.priority
}

# Names of the imports that a completion refers to, directly or by its for_each.
waited contains name if {
	some item in resources(input.configuration)
	item.type == "permissionassist_application_import_completion"
	some references in [item.expressions.import_id.references, object.get(item, ["for_each_expression", "references"], [])]
	some reference in references
	["permissionassist_application_import", name] = split(reference, ".")
}

# resources returns the resources of all modules in a part of the plan.
resources(part) := {item | walk(part, [path, item]); is_object(item); item.type; item.mode; item.address}
