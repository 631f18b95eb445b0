package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// All kinds of schemas have the same interface for attributes, so a resource or
// an action can use these attributes of a data source, too.

// Parts of descriptions.
const (
	applicationToImport = "GUID of the application to import, in any common format, or the URL of its page in Permission Assist. " +
		"The data source `permissionassist_application` finds it by name."
	asReported  = ", in ISO 8601 format as the server reports it, with or without a time zone."
	nullUnknown = " Null if the server does not report it."
)

func required(description string, checks ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Required: true, Validators: checks}
}

// optional returns an argument that can be null.
func optional(description string, checks ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: checks}
}

// optionalOrComputed returns an argument that is also a result.
func optionalOrComputed(description string, checks ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Computed: true, Validators: checks}
}

func optionalBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{MarkdownDescription: description, Optional: true}
}

// optionalSet returns an argument for a set of texts.
func optionalSet(description string, checks ...validator.Set) schema.SetAttribute {
	return schema.SetAttribute{
		MarkdownDescription: description, Optional: true, ElementType: types.StringType,
		Validators: append([]validator.Set{setvalidator.NoNullValues()}, checks...),
	}
}

// filter returns an argument for a set of values that the vendor documents. An
// empty set matches nothing.
func filter(description string, known []string) schema.SetAttribute {
	return optionalSet(description+" `"+strings.Join(known, "`, `")+"`. Case and spaces do not matter. A value that the vendor does not "+
		"document causes a warning. An empty set matches nothing. Default: any.", documented(known)...)
}

func computedTexts(descriptions map[string]string) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for name, description := range descriptions {
		attributes[name] = computedText(description)
	}
	return attributes
}

func computedText(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func computedNumber(description string) schema.Int64Attribute {
	return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
}

func computedBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
}

func computedJSON(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: jsontypes.NormalizedType{}}
}

func computedSet(description string) schema.SetAttribute {
	return schema.SetAttribute{MarkdownDescription: description, Computed: true, ElementType: types.StringType}
}

func computedObject(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{MarkdownDescription: description, Computed: true, Attributes: attributes}
}

func computedObjects(description string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: description, Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}
